//! Rates are basis points, and rounding is one visible function.

use std::fmt;
use std::str::FromStr;

use crate::Money;
use crate::named::named;

/// A share of an amount, in basis points: `5%` is 500.
///
/// ```
/// use domain::{Money, Rate, Rounding};
///
/// let rate: Rate = "5%".parse().unwrap();
/// let amount = Money::parse_amount("1001.30").unwrap();
/// assert_eq!(rate.of(amount, Rounding::HalfUp).to_string(), "50.07");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rate(u16);

impl Rate {
    /// The whole, 100 %.
    pub const WHOLE: Self = Self(10_000);

    /// So many basis points, at most 10,000.
    pub const fn from_basis_points(basis_points: u16) -> Result<Self, InvalidRate> {
        if basis_points > Self::WHOLE.0 {
            return Err(InvalidRate);
        }
        Ok(Self(basis_points))
    }

    /// What share of `whole` the `part` is, to the nearest basis point; none
    /// when it is no share of it.
    ///
    /// ```
    /// use domain::{Money, Rate};
    ///
    /// let share = |part, whole| Rate::share(Money::from_paise(part), Money::from_paise(whole));
    /// assert_eq!(share(50_07, 1_001_30).unwrap().to_string(), "5%");
    /// assert_eq!(share(1, 3).unwrap().to_string(), "33.33%");
    /// assert_eq!(share(0, 0), None);
    /// ```
    pub fn share(part: Money, whole: Money) -> Option<Self> {
        if part < Money::ZERO || part > whole || whole == Money::ZERO {
            return None;
        }
        let product = i128::from(part.paise()).saturating_mul(i128::from(Self::WHOLE.0));
        let basis_points = Rounding::HalfUp.divide(product, i128::from(whole.paise()));
        u16::try_from(basis_points).ok().map(Self)
    }

    /// The rate in basis points.
    pub const fn basis_points(self) -> u16 {
        self.0
    }

    /// This share of `amount`, which is zero or more, before it is rounded.
    ///
    /// ```
    /// use domain::{Money, Rate};
    ///
    /// let rate: Rate = "5%".parse().unwrap();
    /// assert_eq!(rate.exactly(Money::from_paise(1_001_30)).to_string(), "50.065");
    /// ```
    pub fn exactly(self, amount: Money) -> Exact {
        Exact(i128::from(amount.paise()).saturating_mul(i128::from(self.0)))
    }

    /// This share of `amount`, rounded to the paisa.
    pub fn of(self, amount: Money, rounding: Rounding) -> Money {
        let paise = rounding.divide(self.exactly(amount).0, i128::from(Self::WHOLE.0));
        Money::from_paise(i64::try_from(paise).expect("at most the amount itself"))
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0 / 100, self.0 % 100) {
            (whole, 0) => write!(f, "{whole}%"),
            (whole, part) if part % 10 == 0 => write!(f, "{whole}.{}%", part / 10),
            (whole, part) => write!(f, "{whole}.{part:02}%"),
        }
    }
}

/// Reads `5%`, `0.5%` or `12.25%`.
impl FromStr for Rate {
    type Err = InvalidRate;

    fn from_str(text: &str) -> Result<Self, InvalidRate> {
        let percent = text.trim().strip_suffix('%').ok_or(InvalidRate)?;
        // A percentage with two decimals has the grammar of an amount, and its
        // "paise" are basis points.
        let hundredths: Money = percent.trim_end().parse().map_err(|_| InvalidRate)?;
        let basis_points = u16::try_from(hundredths.paise()).map_err(|_| InvalidRate)?;
        Self::from_basis_points(basis_points)
    }
}

/// The text is not a percentage from `0%` to `100%` with at most two decimals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a percentage from \"0%\" to \"100%\" with at most two decimals, such as \"2.5%\"")]
pub struct InvalidRate;

/// A share of an amount to the last digit, in ten-thousandths of a paisa.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Exact(i128);

impl Exact {
    /// Whether it is this amount, without any rounding.
    pub fn is(self, amount: Money) -> bool {
        self == Rate::WHOLE.exactly(amount)
    }
}

/// A decimal with two to six places.
impl fmt::Display for Exact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let millionths = self.0.unsigned_abs();
        let places = format!("{:06}", millionths % 1_000_000);
        let (paise, beyond) = places.split_at(2);
        write!(f, "{sign}{}.{paise}{}", millionths / 1_000_000, beyond.trim_end_matches('0'))
    }
}

/// What happens to the part of a paisa.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rounding {
    /// To the nearest paisa, a half away from zero: 50.065 becomes 50.07.
    #[default]
    HalfUp,
    /// To the nearest paisa, a half to the even neighbour: 50.065 becomes 50.06.
    HalfEven,
    /// The part is dropped: 50.069 becomes 50.06.
    Down,
}

impl Rounding {
    /// `numerator / denominator`, for a numerator of zero or more.
    fn divide(self, numerator: i128, denominator: i128) -> i128 {
        let quotient = numerator.div_euclid(denominator);
        let twice_rest = numerator.rem_euclid(denominator).saturating_mul(2);
        let up = match self {
            Self::HalfUp => twice_rest >= denominator,
            Self::HalfEven => {
                twice_rest > denominator || (twice_rest == denominator && quotient.rem_euclid(2) == 1)
            }
            Self::Down => false,
        };
        quotient.saturating_add(i128::from(up))
    }
}

named!(Rounding, UnknownRounding, "must be \"half_up\", \"half_even\" or \"down\"", {
    HalfUp => "half_up",
    HalfEven => "half_even",
    Down => "down",
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_go_where_the_rounding_says() {
        // 5 % of these amounts, in paise, with the three roundings.
        let table = [
            ("1001.30", 5_007, 5_006, 5_006), // exactly 50.065
            ("1001.50", 5_008, 5_008, 5_007), // exactly 50.075
            ("1000.10", 5_001, 5_000, 5_000), // exactly 50.005
            ("1004.50", 5_023, 5_022, 5_022), // exactly 50.225
            ("1000.19", 5_001, 5_001, 5_000), // 50.0095
        ];
        let five_percent: Rate = "5%".parse().unwrap();
        for (amount, half_up, half_even, down) in table {
            let amount = Money::parse_amount(amount).unwrap();
            let paise = |rounding| five_percent.of(amount, rounding).paise();
            assert_eq!(paise(Rounding::HalfUp), half_up, "{amount} half_up");
            assert_eq!(paise(Rounding::HalfEven), half_even, "{amount} half_even");
            assert_eq!(paise(Rounding::Down), down, "{amount} down");
        }
    }

    #[test]
    fn an_exact_share_has_two_to_six_places() {
        for (rate, amount, exact) in [
            ("5%", "2000", "100.00"),
            ("5%", "1001.30", "50.065"),
            ("5%", "0.01", "0.0005"),
            ("0.01%", "0.01", "0.000001"),
            ("2.25%", "1000.10", "22.50225"),
            ("0%", "1000.10", "0.00"),
            ("100%", "1000000000.00", "1000000000.00"),
        ] {
            let (rate, amount): (Rate, Money) = (rate.parse().unwrap(), amount.parse().unwrap());
            let found = rate.exactly(amount);
            assert_eq!(found.to_string(), exact, "{rate} of {amount}");
            for rounding in Rounding::ALL {
                let whole = exact.len() - exact.find('.').unwrap() == 3;
                assert_eq!(found.is(rate.of(amount, *rounding)), whole, "{rate} of {amount}");
            }
        }
    }

    #[test]
    fn the_whole_of_the_largest_amount_fits() {
        assert_eq!(Rate::WHOLE.of(Money::MAX_AMOUNT, Rounding::HalfUp), Money::MAX_AMOUNT);
    }

    #[test]
    fn a_share_is_of_something_and_at_most_the_whole_of_it() {
        let share = |part, whole| Rate::share(Money::from_paise(part), Money::from_paise(whole));
        for (part, whole, basis_points) in
            [(0, 1, 0), (1, 1, 10_000), (1, 20_000, 1), (1, 20_001, 0), (i64::MAX, i64::MAX, 10_000)]
        {
            assert_eq!(share(part, whole).unwrap().basis_points(), basis_points, "{part} of {whole}");
        }
        for (part, whole) in [(0, 0), (2, 1), (-1, 1), (1, -1), (-1, -1)] {
            assert_eq!(share(part, whole), None, "{part} of {whole}");
        }
    }

    #[test]
    fn reads_and_prints_percentages() {
        for (text, basis_points) in
            [("5%", 500), ("0.5%", 50), ("2.25%", 225), ("0.05%", 5), ("100%", 10_000)]
        {
            let rate: Rate = text.parse().unwrap();
            assert_eq!((rate.basis_points(), rate.to_string().as_str()), (basis_points, text));
        }
        for text in ["5", "%", "-1%", "100.01%", "1.234%", "5 % x", "700%"] {
            assert_eq!(text.parse::<Rate>(), Err(InvalidRate), "{text}");
        }
    }

    #[test]
    fn roundings_keep_their_names() {
        for rounding in Rounding::ALL {
            assert_eq!(rounding.to_string().parse(), Ok(*rounding));
        }
        assert_eq!("half_down".parse::<Rounding>(), Err(UnknownRounding));
    }
}
