//! What can happen in a programme.

use domain::Rounding;
use proptest::prelude::*;
use proptest::sample::Index;

use super::model::Terms;

/// One thing that happens. An index points at somebody or something that is
/// there by then.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// Somebody registers, under one of the members or under nobody.
    Join(Option<Index>),
    /// Somebody buys for so many paise.
    Buy(Index, i64),
    /// Several buy at the same moment.
    Rush(Vec<(Index, i64)>),
    /// Somebody buys, and the commissions were settled elsewhere.
    BuyElsewhere(Index, i64),
    /// A part of what is left of a purchase is taken back.
    Refund(Index, Part),
    /// Everybody who is due this much is paid.
    PayOut(i64),
    /// A payout reached her, or did not.
    Settle(Index, Fate),
    /// A balance is corrected.
    Adjust(Index, i64),
    /// Somebody is activated or deactivated.
    Switch(Index, bool),
    /// Another plan is set, to take effect after so many milliseconds.
    SetPlan(Terms, i64),
    /// So many seconds pass.
    Wait(u64),
    /// A request that was answered is sent again.
    Again(Index),
}

/// How much of what is left.
#[derive(Clone, Copy, Debug)]
pub(super) enum Part {
    /// So many thousandths, at least a paisa.
    Thousandths(i64),
    /// All of it.
    Rest,
    /// A paisa more than that.
    TooMuch,
}

/// What becomes of a payout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Paid,
    Failed,
}

const HOUR: u64 = 60 * 60;

pub(super) fn step() -> impl Strategy<Value = Step> {
    let one = any::<Index>;
    // Around the threshold, on half a paisa, and anywhere.
    let halves = || (1..=100_000_i64).prop_map(|tens| tens * 10);
    let paise = || prop_oneof![99_990..=100_110_i64, halves(), 1..=100_000_000_000_i64];
    let part = prop_oneof![
        6 => (1..1_000_i64).prop_map(Part::Thousandths),
        2 => Just(Part::Rest),
        1 => Just(Part::TooMuch),
    ];
    let fate = prop_oneof![Just(Fate::Paid), Just(Fate::Failed)];
    let corrected = prop_oneof![1..=500_000_i64, -500_000..=-1_i64];
    let wait = prop_oneof![Just(1), Just(HOUR), Just(24 * HOUR), Just(3 * 24 * HOUR)];
    prop_oneof![
        6 => prop::option::weighted(0.95, one()).prop_map(Step::Join),
        10 => (one(), paise()).prop_map(|(buyer, paise)| Step::Buy(buyer, paise)),
        3 => prop::collection::vec((one(), paise()), 2..=8).prop_map(Step::Rush),
        1 => (one(), paise()).prop_map(|(buyer, paise)| Step::BuyElsewhere(buyer, paise)),
        7 => (one(), part).prop_map(|(purchase, part)| Step::Refund(purchase, part)),
        2 => (1..=50_000_i64).prop_map(Step::PayOut),
        3 => (one(), fate).prop_map(|(payout, fate)| Step::Settle(payout, fate)),
        2 => (one(), corrected).prop_map(|(user, paise)| Step::Adjust(user, paise)),
        2 => (one(), any::<bool>()).prop_map(|(user, active)| Step::Switch(user, active)),
        2 => (terms(), prop_oneof![Just(0), 0..=200_000_000_i64]).prop_map(|(terms, after)| Step::SetPlan(terms, after)),
        3 => wait.prop_map(Step::Wait),
        2 => one().prop_map(Step::Again),
    ]
}

fn terms() -> impl Strategy<Value = Terms> {
    let above = prop_oneof![Just(100_000), Just(0), 0..=500_000_i64];
    let rate = prop_oneof![Just(500), Just(100), Just(50), 0..=2_500_i64];
    let rates = prop::collection::vec(rate, 1..=4);
    let rounding = prop_oneof![Just(Rounding::HalfUp), Just(Rounding::HalfEven), Just(Rounding::Down)];
    let hold_days = prop_oneof![Just(0), 0..=4_u16];
    let cap = prop::option::weighted(0.3, 1..=20_000_i64);
    (above, 1..=5_u32, rates, rounding, hold_days, cap).prop_map(
        |(above, limit, rates, rounding, hold_days, cap)| Terms {
            above,
            limit,
            rates,
            rounding,
            hold_days,
            cap,
        },
    )
}
