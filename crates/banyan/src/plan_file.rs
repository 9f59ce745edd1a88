//! A plan as a file: what `plan show` prints is what `plan set` takes.

use std::fmt::Display;
use std::path::Path;
use std::str::FromStr;

use domain::{Currency, HoldDays, InvalidAmount, InvalidPlan, Levels, Money, Plan, Rate, Rounding};
use serde::Deserialize;

use crate::Failure;

/// What may stand in the file, and what must.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PlanFile {
    currency: Option<Text<Currency>>,
    commission_above: Text<Money>,
    max_direct_referrals: u32,
    levels: Rates,
    rounding: Option<Text<Rounding>>,
    hold_days: Option<Days>,
    max_commission: Option<Text<Amount>>,
}

/// Reads a plan. Where the file does not name a currency, it is this one.
pub(crate) fn read(path: &Path, currency: Currency) -> Result<Plan, Failure> {
    let text =
        std::fs::read_to_string(path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
    Ok(parse(&text, currency).map_err(|error| format!("{}: {error}", path.display()))?)
}

fn parse(text: &str, currency: Currency) -> Result<Plan, toml::de::Error> {
    let file: PlanFile = toml::from_str(text)?;
    Ok(Plan {
        currency: file.currency.map_or(currency, |text| text.0),
        commission_above: file.commission_above.0,
        max_direct_referrals: file.max_direct_referrals,
        levels: file.levels.0,
        rounding: file.rounding.map_or_else(Rounding::default, |text| text.0),
        hold: file.hold_days.map_or_else(HoldDays::default, |days| days.0),
        max_commission: file.max_commission.map(|text| text.0.0),
    })
}

/// The plan as such a file.
pub(crate) fn print(plan: &Plan) -> String {
    let rates: Vec<_> = plan.levels.iter().map(|(_, rate)| format!("\"{rate}\"")).collect();
    let mut lines = vec![
        format!("currency = \"{}\"", plan.currency),
        format!("commission_above = \"{}\"", plan.commission_above),
        format!("max_direct_referrals = {}", plan.max_direct_referrals),
        format!("levels = [{}]", rates.join(", ")),
        format!("rounding = \"{}\"", plan.rounding),
        format!("hold_days = {}", plan.hold.days()),
    ];
    lines.extend(plan.max_commission.map(|most| format!("max_commission = \"{most}\"")));
    lines.join("\n")
}

/// A text that says something else.
#[derive(Debug, Deserialize)]
#[serde(try_from = "String", bound = "T: FromStr, T::Err: Display")]
struct Text<T>(T);

impl<T: FromStr> TryFrom<String> for Text<T> {
    type Error = T::Err;

    fn try_from(text: String) -> Result<Self, T::Err> {
        text.parse().map(Self)
    }
}

/// More than zero.
#[derive(Debug)]
struct Amount(Money);

impl FromStr for Amount {
    type Err = InvalidAmount;

    fn from_str(text: &str) -> Result<Self, InvalidAmount> {
        Money::parse_amount(text).map(Self)
    }
}

#[derive(Debug, Deserialize)]
#[serde(try_from = "Vec<Text<Rate>>")]
struct Rates(Levels);

impl TryFrom<Vec<Text<Rate>>> for Rates {
    type Error = InvalidPlan;

    fn try_from(rates: Vec<Text<Rate>>) -> Result<Self, InvalidPlan> {
        rates.into_iter().map(|text| text.0).collect::<Vec<_>>().try_into().map(Self)
    }
}

#[derive(Debug, Deserialize)]
#[serde(try_from = "u16")]
struct Days(HoldDays);

impl TryFrom<u16> for Days {
    type Error = InvalidPlan;

    fn try_from(days: u16) -> Result<Self, InvalidPlan> {
        HoldDays::new(days).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REQUIRED: &str =
        "commission_above = \"1000.00\"\nmax_direct_referrals = 8\nlevels = [\"5%\", \"1%\"]\n";

    fn read(text: &str) -> Result<Plan, String> {
        parse(text, "INR".parse().unwrap()).map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_left_out_is_as_by_default() {
        assert_eq!(read(REQUIRED), Ok(Plan::default()));
        for line in REQUIRED.lines() {
            let error = read(&REQUIRED.replace(line, "")).unwrap_err();
            let (key, _) = line.split_once(' ').unwrap();
            assert!(error.contains(&format!("missing field `{key}`")), "{error}");
        }
    }

    #[test]
    fn the_file_of_a_plan_reads_back() {
        let plans = [
            Plan::default(),
            Plan {
                currency: "EUR".parse().unwrap(),
                commission_above: Money::ZERO,
                max_direct_referrals: u32::MAX,
                levels: vec![Rate::from_basis_points(1).unwrap(); 10].try_into().unwrap(),
                rounding: Rounding::HalfEven,
                hold: HoldDays::new(365).unwrap(),
                max_commission: Some(Money::MAX_AMOUNT),
            },
        ];
        for plan in plans {
            assert_eq!(read(&print(&plan)), Ok(plan));
        }
    }

    #[test]
    fn whatever_is_wrong_is_told_with_its_line() {
        for (line, word) in [
            ("threshold = \"1000.00\"", "unknown field `threshold`"),
            ("rounding = \"up\"", "half_even"),
            ("rounding = 1", "expected a string"),
            ("hold_days = 366", "hold_days must be 0 to 365"),
            ("hold_days = -1", "-1"),
            ("max_commission = \"0\"", "more than zero"),
            ("max_commission = 500.0", "expected a string"),
            ("currency = \"rupees\"", "three capital letters"),
        ] {
            let error = read(&format!("{REQUIRED}{line}\n")).unwrap_err();
            assert!(error.contains("line 4") && error.contains(word), "{line}: {error}");
        }
        for (levels, word) in [
            ("[]", "1 to 10 rates"),
            ("[\"5\"]", "must be a percentage"),
            ("[5]", "expected a string"),
            ("[\"60%\", \"41%\"]", "may not pass 100%"),
        ] {
            let error = read(&REQUIRED.replace("[\"5%\", \"1%\"]", levels)).unwrap_err();
            assert!(error.contains("line 3") && error.contains(word), "{levels}: {error}");
        }
    }
}
