//! Currencies: those of ISO 4217 whose amounts have two decimals.

use std::fmt;
use std::str::FromStr;

/// An ISO 4217 code such as `INR`.
///
/// ```
/// use domain::{Currency, InvalidCurrency};
///
/// assert_eq!("EUR".parse::<Currency>().unwrap().to_string(), "EUR");
/// assert_eq!("JPY".parse::<Currency>(), Err(InvalidCurrency::Decimals(0)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Currency([u8; 3]);

/// The Indian rupee.
impl Default for Currency {
    fn default() -> Self {
        Self(*b"INR")
    }
}

impl Currency {
    /// The code as text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("three ASCII letters")
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Currency {
    type Err = InvalidCurrency;

    fn from_str(text: &str) -> Result<Self, InvalidCurrency> {
        let code: [u8; 3] = text.as_bytes().try_into().map_err(|_| InvalidCurrency::NotACode)?;
        if !code.iter().all(u8::is_ascii_uppercase) {
            return Err(InvalidCurrency::NotACode);
        }
        let has = |codes: &str| codes.split_ascii_whitespace().any(|known| known == text);
        if has(TWO_DECIMALS) {
            return Ok(Self(code));
        }
        let others = OTHER_DECIMALS.iter().find(|(_, codes)| has(codes));
        Err(others.map_or(InvalidCurrency::Unknown, |(decimals, _)| InvalidCurrency::Decimals(*decimals)))
    }
}

/// The text is not a currency that amounts can be counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCurrency {
    /// It is no code.
    #[error("must be a currency code of three capital letters such as \"INR\"")]
    NotACode,
    /// No currency has this code.
    #[error("must be the code of a currency in ISO 4217, which has none of this name")]
    Unknown,
    /// Its amounts have another number of decimals than those of this program.
    #[error("must be a currency with two decimals, since every amount has two; this one has {0}")]
    Decimals(u8),
}

/// Every currency of ISO 4217 that is money and has two decimals.
const TWO_DECIMALS: &str = "\
AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC CUP \
CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES \
KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK \
NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB \
TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG";

/// Those with other numbers of decimals.
const OTHER_DECIMALS: [(u8, &str); 3] = [
    (0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"),
    (3, "BHD IQD JOD KWD LYD OMR TND"),
    (4, "CLF UYW"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_currency_is_a_known_code_with_two_decimals() {
        for text in ["INR", "EUR", "USD", "GBP", "AED", "ZWG"] {
            assert_eq!(text.parse::<Currency>().unwrap().to_string(), text);
        }
        for (text, why) in [
            ("inr", InvalidCurrency::NotACode),
            ("IN", InvalidCurrency::NotACode),
            ("INRR", InvalidCurrency::NotACode),
            ("₹", InvalidCurrency::NotACode),
            ("1NR", InvalidCurrency::NotACode),
            ("   ", InvalidCurrency::NotACode),
            ("ABC", InvalidCurrency::Unknown),
            ("XAU", InvalidCurrency::Unknown),
            ("JPY", InvalidCurrency::Decimals(0)),
            ("KWD", InvalidCurrency::Decimals(3)),
            ("CLF", InvalidCurrency::Decimals(4)),
        ] {
            assert_eq!(text.parse::<Currency>(), Err(why), "{text}");
        }
        assert!(InvalidCurrency::Decimals(0).to_string().ends_with("every amount has two; this one has 0"));
    }
}
