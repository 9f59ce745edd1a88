//! Referral codes: what a member gives to the people she brings.

use std::fmt;
use std::str::FromStr;

/// Crockford's base32: no I, L, O or U, so that a code survives being read aloud.
/// See <https://www.crockford.com/base32.html>.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Ten characters of Crockford base32, that is 50 random bits.
///
/// A guesser who tries a million codes against a million members hits one with
/// a probability of about one in a thousand.
///
/// ```
/// use domain::ReferralCode;
///
/// let code: ReferralCode = " 7hxk2mq0dz ".parse().unwrap();
/// assert_eq!(code.to_string(), "7HXK2MQ0DZ");
/// assert_eq!("7HXK2MQODZ".parse(), Ok(code), "O is read as 0");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ReferralCode(u64);

impl ReferralCode {
    /// The number of characters.
    pub const LENGTH: usize = 10;

    /// The code made of the low 50 of these bits, which the caller draws from
    /// a cryptographic source.
    pub const fn from_bits(bits: u64) -> Self {
        Self(bits & ((1 << 50) - 1))
    }

    /// The 50 bits.
    pub const fn bits(self) -> u64 {
        self.0
    }
}

impl fmt::Display for ReferralCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for shift in (0..50).step_by(5).rev() {
            let digit = (self.0 >> shift) & 31;
            write!(f, "{}", ALPHABET[usize::try_from(digit).unwrap_or_default()] as char)?;
        }
        Ok(())
    }
}

/// Trims, ignores case, and reads the look-alikes I, L and O as 1, 1 and 0.
impl FromStr for ReferralCode {
    type Err = InvalidCode;

    fn from_str(text: &str) -> Result<Self, InvalidCode> {
        let text = text.trim();
        if text.len() != Self::LENGTH {
            return Err(InvalidCode);
        }
        text.bytes().try_fold(0, |bits, byte| Ok(bits << 5 | digit(byte)?)).map(Self)
    }
}

fn digit(byte: u8) -> Result<u64, InvalidCode> {
    let canonical = match byte.to_ascii_uppercase() {
        b'I' | b'L' => b'1',
        b'O' => b'0',
        other => other,
    };
    (0..).zip(ALPHABET).find(|(_, c)| **c == canonical).map(|(digit, _)| digit).ok_or(InvalidCode)
}

/// The text is not ten characters of Crockford base32.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be a referral code: ten letters and digits such as \"7HXK2MQ0DZ\"")]
pub struct InvalidCode;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_reads_back() {
        for bits in [0, 1, 31, 32, 0x2_5555_5555_5555, (1 << 50) - 1] {
            let code = ReferralCode::from_bits(bits);
            let text = code.to_string();
            assert_eq!((text.len(), text.parse(), text.to_lowercase().parse()), (10, Ok(code), Ok(code)));
        }
        assert_eq!(ReferralCode::from_bits(u64::MAX).to_string(), "ZZZZZZZZZZ");
    }

    #[test]
    fn what_is_no_code_is_refused() {
        for text in ["", "7HXK2MQ0D", "7HXK2MQ0DZ0", "7HXK2MQ0DU", "7HXK-MQ0DZ", "ééééé"] {
            assert_eq!(text.parse::<ReferralCode>(), Err(InvalidCode), "{text}");
        }
    }
}
