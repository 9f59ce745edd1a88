//! Money is a whole number of the currency's smallest unit; there is no other
//! representation of it anywhere between the wire and the disk.

use std::fmt;
use std::str::FromStr;

use crate::Overflow;

/// An amount of the deployment's one currency, in its minor unit (paise).
///
/// It may be negative: a balance can be, after a refund of money already paid
/// out. What a caller may *name* is bounded by [`Money::parse_amount`].
///
/// ```
/// use domain::Money;
///
/// let price: Money = "1000.1".parse().unwrap();
/// assert_eq!(price, Money::from_paise(1_000_10));
/// assert_eq!(price.to_string(), "1000.10");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money(i64);

impl Money {
    /// Nothing at all.
    pub const ZERO: Self = Self(0);

    /// The largest amount a caller may name: 1,000,000,000.00. Earlier releases
    /// took a thousand times as much, so there may be greater ones on the books.
    pub const MAX_AMOUNT: Self = Self(100_000_000_000);

    /// So many paise.
    pub const fn from_paise(paise: i64) -> Self {
        Self(paise)
    }

    /// The amount in paise.
    pub const fn paise(self) -> i64 {
        self.0
    }

    /// Reads the amount of a sale, a refund or a payout: more than zero and at
    /// most [`Money::MAX_AMOUNT`].
    ///
    /// ```
    /// use domain::{InvalidAmount, Money};
    ///
    /// assert_eq!(Money::parse_amount("61.73"), Ok(Money::from_paise(61_73)));
    /// assert_eq!(Money::parse_amount("61.735"), Err(InvalidAmount::TooManyDecimals));
    /// assert_eq!(Money::parse_amount("0.00"), Err(InvalidAmount::NotPositive));
    /// ```
    pub fn parse_amount(text: &str) -> Result<Self, InvalidAmount> {
        match text.parse()? {
            Self::ZERO => Err(InvalidAmount::NotPositive),
            amount => Ok(amount),
        }
    }

    /// The sum of many amounts, unless it leaves the range of an `i64`.
    ///
    /// ```
    /// use domain::{Money, Overflow};
    ///
    /// let most = Money::from_paise(i64::MAX);
    /// assert_eq!(Money::sum([most, Money::from_paise(-1), Money::from_paise(1)]), Ok(most));
    /// assert_eq!(Money::sum([most, Money::from_paise(1)]), Err(Overflow));
    /// ```
    pub fn sum(amounts: impl IntoIterator<Item = Self>) -> Result<Self, Overflow> {
        let mut amounts = amounts.into_iter();
        let sum = amounts.try_fold(0_i128, |sum, amount| sum.checked_add(i128::from(amount.0)));
        sum.and_then(|paise| i64::try_from(paise).ok()).map(Self).ok_or(Overflow)
    }

    /// The sum, unless it leaves the range of an `i64`.
    pub const fn checked_add(self, other: Self) -> Option<Self> {
        match self.0.checked_add(other.0) {
            Some(sum) => Some(Self(sum)),
            None => None,
        }
    }

    /// The difference, unless it leaves the range of an `i64`.
    pub const fn checked_sub(self, other: Self) -> Option<Self> {
        match self.0.checked_sub(other.0) {
            Some(difference) => Some(Self(difference)),
            None => None,
        }
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let paise = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:02}", paise / 100, paise % 100)
    }
}

/// Reads `\d{1,13}(\.\d{1,2})?`, digit by digit: no sign, no exponent, no
/// grouping, and never by way of a float.
impl FromStr for Money {
    type Err = InvalidAmount;

    fn from_str(text: &str) -> Result<Self, InvalidAmount> {
        let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if let Some(whole) = whole.strip_prefix('-')
            && digits(whole)
        {
            return Err(InvalidAmount::NotPositive);
        }
        if !digits(whole) || !digits(decimals) {
            return Err(InvalidAmount::NotANumber);
        }
        if decimals.len() > 2 {
            return Err(InvalidAmount::TooManyDecimals);
        }
        if whole.len() > 13 {
            return Err(InvalidAmount::TooLarge);
        }
        // At most 15 digits: neither the parse nor the result can overflow.
        let paise = format!("{whole}{decimals:0<2}").parse().map_err(|_| InvalidAmount::TooLarge)?;
        if paise > Self::MAX_AMOUNT.0 {
            return Err(InvalidAmount::TooLarge);
        }
        Ok(Self(paise))
    }
}

/// Why a text is not an amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAmount {
    /// Something other than digits with an optional decimal point.
    #[error("must be a decimal number such as \"1250.50\", without sign, exponent or grouping")]
    NotANumber,
    /// More precise than the currency; it is never rounded for the caller.
    #[error("must have at most two decimal places")]
    TooManyDecimals,
    /// Zero or less.
    #[error("must be more than zero")]
    NotPositive,
    /// Above [`Money::MAX_AMOUNT`].
    #[error("must be at most 1000000000.00")]
    TooLarge,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_the_grammar_allows_and_nothing_else() {
        let ok = |text: &str, paise| assert_eq!(text.parse(), Ok(Money(paise)), "{text}");
        ok("0", 0);
        ok("5", 500);
        ok("007", 700);
        ok("1000.1", 100_010);
        ok("1000.01", 100_001);
        ok("1000000000.00", 100_000_000_000);

        let refused = |text: &str, why| assert_eq!(text.parse::<Money>(), Err(why), "{text}");
        for text in
            ["", ".", "1.", ".5", "abc", "1e3", "+5", "1,000", " 5", "5 ", "NaN", "٥", "0x10", "1.2.3", "--5"]
        {
            refused(text, InvalidAmount::NotANumber);
        }
        refused("1.234", InvalidAmount::TooManyDecimals);
        refused("1.000", InvalidAmount::TooManyDecimals);
        refused("-5", InvalidAmount::NotPositive);
        refused("1000000000.01", InvalidAmount::TooLarge);
        refused("1000000000000.00", InvalidAmount::TooLarge);
        refused("99999999999999", InvalidAmount::TooLarge);
        refused("99999999999999999999999999", InvalidAmount::TooLarge);
    }

    #[test]
    fn prints_two_places_and_the_sign() {
        for (paise, text) in [(0, "0.00"), (5, "0.05"), (-5, "-0.05"), (-12_345, "-123.45")] {
            assert_eq!(Money(paise).to_string(), text);
        }
        assert_eq!(Money(i64::MIN).to_string(), "-92233720368547758.08");
    }
}
