//! What has one value for each level, as a line of text: numbers separated by
//! spaces, nearest level first. The same on every engine.

use domain::{Level, LevelTotals, Levels, Money, Rate};

/// Totals in paise, down to the deepest level that ever was added to. Earlier
/// releases left out zeros at the end.
pub(crate) fn encode_totals(totals: &LevelTotals) -> String {
    let paise: Vec<_> =
        totals.iter().take(totals.depth()).map(|(_, total)| total.paise().to_string()).collect();
    paise.join(" ")
}

/// What [`encode_totals`] wrote.
pub(crate) fn decode_totals(text: &str) -> Option<LevelTotals> {
    let mut totals = LevelTotals::default();
    let mut levels = Level::all();
    for paise in text.split_whitespace() {
        *totals.get_mut(levels.next()?) = Money::from_paise(paise.parse().ok()?);
    }
    Some(totals)
}

/// Rates in basis points.
pub(crate) fn encode_rates(levels: &Levels) -> String {
    let rates: Vec<_> = levels.iter().map(|(_, rate)| rate.basis_points().to_string()).collect();
    rates.join(" ")
}

/// What [`encode_rates`] wrote.
pub(crate) fn decode_rates(text: &str) -> Option<Levels> {
    let rate = |points: &str| Rate::from_basis_points(points.parse().ok()?).ok();
    let rates: Option<Vec<Rate>> = text.split_whitespace().map(rate).collect();
    rates?.try_into().ok()
}
