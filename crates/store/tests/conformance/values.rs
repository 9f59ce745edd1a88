//! Short ways to write down the values of a test.

use domain::{
    Decision, Earner, Level, Money, Outcome, PlanVersion, Purchase, PurchaseId, Rate, Reference,
    ReferralCode, Timestamp, UserId,
};
use store::{NewAdjustment, NewPayoutRun, NewRefund, NewUser};

pub(crate) const FIRST_PLAN: PlanVersion = PlanVersion::new(1);

pub(crate) const fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

pub(crate) const fn paise(paise: i64) -> Money {
    Money::from_paise(paise)
}

pub(crate) fn level(number: u8) -> Level {
    Level::new(number).unwrap()
}

pub(crate) fn reference(text: &str) -> Reference {
    text.parse().unwrap()
}

/// A registration like no other of another number.
pub(crate) fn user(number: u32) -> NewUser {
    NewUser {
        name: format!("Member {number}").parse().unwrap(),
        email: format!("member{number}@example.com").parse().unwrap(),
        code: ReferralCode::from_bits(u64::from(number)),
        referrer: None,
        plan: FIRST_PLAN,
        password_hash: None,
        reference: None,
        external_id: None,
        metadata: domain::Metadata::default(),
        joined_at: at(i64::from(number)),
    }
}

/// A purchase that paid nobody.
pub(crate) fn purchase(id: PurchaseId, buyer: UserId, amount: i64) -> Purchase {
    Purchase {
        id,
        reference: None,
        buyer,
        amount: paise(amount),
        plan: FIRST_PLAN,
        decisions: vec![decision(1, None, Outcome::NoReferrer, 500, 0)],
        occurred_at: at(id.get() * 10),
        booked_at: at(id.get() * 10),
        recorded_at: at(id.get() * 10),
        matures_at: None,
        present_plan: None,
        metadata: domain::Metadata::default(),
        refunded: Money::ZERO,
    }
}

/// Payouts of these amounts.
pub(crate) fn payout_run(payouts: &[(UserId, i64)]) -> NewPayoutRun {
    NewPayoutRun {
        reference: None,
        minimum: paise(1),
        payouts: payouts.iter().map(|(user, amount)| (*user, paise(*amount))).collect(),
        created_at: at(7),
    }
}

/// A correction of one member's balance.
pub(crate) fn adjustment(user: UserId, amount: i64) -> NewAdjustment {
    NewAdjustment {
        user,
        amount: paise(amount),
        reason: "goodwill".parse().unwrap(),
        reference: None,
        created_at: at(amount),
    }
}

/// A refund that left nothing of its purchase.
pub(crate) fn refund(purchase: PurchaseId, amount: i64, reversed: i64) -> NewRefund {
    NewRefund {
        purchase,
        reference: None,
        amount: paise(amount),
        net: Money::ZERO,
        reversed: paise(reversed),
        created_at: at(amount),
    }
}

pub(crate) fn decision(
    number: u8,
    earner: Option<(UserId, &str)>,
    outcome: Outcome,
    basis_points: u16,
    amount: i64,
) -> Decision {
    let earner = earner.map(|(user, state)| Earner { user, active: state == "active" });
    let rate = Rate::from_basis_points(basis_points).unwrap();
    Decision { level: level(number), earner, outcome, rate, amount: paise(amount) }
}
