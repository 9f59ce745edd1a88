//! Why a purchase paid what it paid, and why there is a line in a ledger: the
//! facts first, the words after them.
//!
//! A member is told of her own level alone, and of a buyer no more of the name
//! than she sees elsewhere.

mod words;

use std::collections::HashMap;

use domain::refund::{Reversal, decide_again, reversals};
use domain::{
    Adjustment, Cause, Decision, EntryId, Exact, Level, Money, Name, Payout, Plan, Purchase, PurchaseId,
    Refund, RefundId, Scope, Timestamp, UserId,
};
use store::Snapshot;

use crate::calendar::Calendar;
use crate::earnings::Posted;
use crate::{App, Caller, ReadError};

/// What one level comes to on some part of a purchase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Who stands there, and what is due to her.
    pub decision: Decision,
    /// What she is called.
    pub name: Option<Name>,
    /// What the rate is applied to.
    pub base: Money,
    /// The rate's share of it before it is rounded.
    pub exact: Exact,
}

/// A refund, and what is due on the part of the purchase that it left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The refund.
    pub refund: Refund,
    /// What it took back from whom.
    pub reversals: Vec<Reversal>,
    /// What each level comes to after it.
    pub chain: Vec<Link>,
}

/// A purchase and what came of it, level by level.
#[derive(Clone, Debug)]
pub struct Sale {
    /// The purchase.
    pub purchase: Purchase,
    /// What the buyer is called, as the caller may see it.
    pub buyer: String,
    /// The plan it was made under.
    pub plan: Plan,
    /// What each level came to when it was recorded, nearest first.
    pub chain: Vec<Link>,
    /// Its refunds, oldest first.
    pub refunds: Vec<Step>,
    /// When this is told: what is on hold now may not be later.
    pub now: Timestamp,
    /// Whose days are told.
    pub calendar: Calendar,
}

/// Why there is a line in a ledger.
#[derive(Clone, Debug)]
pub enum Why {
    /// The purchase paid this level.
    Commission(Sale),
    /// This refund of the purchase took some of it back.
    Reversal(Sale, RefundId),
    /// The money was sent.
    Payout(Payout),
    /// The money could not be sent.
    PayoutReturned(Payout),
    /// An admin corrected the books.
    Adjustment(Adjustment),
}

/// A line of a ledger and why it is there.
#[derive(Clone, Debug)]
pub struct Explained {
    /// The line.
    pub posted: Posted,
    /// Why it is there.
    pub why: Why,
    /// Whose days are told.
    pub calendar: Calendar,
}

impl Why {
    /// The purchase that it goes back to, if it goes back to one.
    pub fn sale(&self) -> Option<&Sale> {
        match self {
            Self::Commission(sale) | Self::Reversal(sale, _) => Some(sale),
            Self::Payout(_) | Self::PayoutReturned(_) | Self::Adjustment(_) => None,
        }
    }

    /// What each level came to, by this purchase or after this refund.
    pub fn chain(&self) -> Option<&[Link]> {
        match self {
            Self::Commission(sale) => Some(&sale.chain),
            Self::Reversal(sale, refund) => sale.step(*refund).map(|(_, step)| &*step.chain),
            Self::Payout(_) | Self::PayoutReturned(_) | Self::Adjustment(_) => None,
        }
    }
}

impl Sale {
    /// A refund, with what each level came to before it.
    fn step(&self, refund: RefundId) -> Option<(&[Link], &Step)> {
        self.steps().find(|(_, step)| step.refund.id == refund)
    }

    /// Every refund, with what each level came to before it.
    fn steps(&self) -> impl Iterator<Item = (&[Link], &Step)> {
        let chains = std::iter::once(&self.chain).chain(self.refunds.iter().map(|step| &step.chain));
        chains.map(Vec::as_slice).zip(&self.refunds)
    }
}

/// A purchase and everything that came of it.
pub async fn purchase(app: &App, caller: &Caller, id: PurchaseId) -> Result<Sale, ReadError> {
    caller.require(Scope::Read)?;
    let now = app.now();
    app.store
        .read(async move |view| {
            let (purchase, buyer) = view.purchase(id).await?.ok_or(ReadError::PurchaseNotFound(id))?;
            Ok(sale(view, purchase, buyer.to_string(), Levels::All, now).await?)
        })
        .await
}

/// Why a line is in a ledger.
pub async fn entry(app: &App, caller: &Caller, id: EntryId) -> Result<Explained, ReadError> {
    caller.may_see(id.user)?;
    let (now, caller) = (app.now(), *caller);
    app.store
        .read(async move |view| {
            let line = view.entry(id.user, id.seq).await?.ok_or(ReadError::EntryNotFound(id))?;
            let why = why(view, &caller, line.entry.cause, now).await?;
            let posted = Posted::all(view, vec![line]).await?.remove(0);
            Ok(Explained { posted, why, calendar: Calendar::read(view).await? })
        })
        .await
}

/// Which levels of a chain are told.
#[derive(Clone, Copy)]
enum Levels {
    All,
    One(Level),
}

async fn why(view: &mut Snapshot<'_>, caller: &Caller, cause: Cause, now: Timestamp) -> store::Result<Why> {
    let there = "a line refers to what is there";
    Ok(match cause {
        Cause::Commission(origin) | Cause::Reversal(origin, _) => {
            let (purchase, buyer) = view.purchase(origin.purchase).await?.expect(there);
            let buyer = match caller.sees_names_at(origin.level) {
                true => buyer.to_string(),
                false => buyer.masked(),
            };
            let levels = match caller {
                Caller::Member(_) => Levels::One(origin.level),
                Caller::Anonymous | Caller::Service { .. } | Caller::Admin => Levels::All,
            };
            let sale = sale(view, purchase, buyer, levels, now).await?;
            match cause {
                Cause::Reversal(_, refund) => Why::Reversal(sale, refund),
                _ => Why::Commission(sale),
            }
        }
        Cause::Payout(payout) => Why::Payout(view.payout(payout).await?.expect(there)),
        Cause::PayoutReturned(payout) => Why::PayoutReturned(view.payout(payout).await?.expect(there)),
        Cause::Adjustment(adjustment) => Why::Adjustment(view.adjustment(adjustment).await?.expect(there)),
    })
}

async fn sale(
    view: &mut Snapshot<'_>,
    purchase: Purchase,
    buyer: String,
    levels: Levels,
    now: Timestamp,
) -> store::Result<Sale> {
    let plan = view.plan(purchase.plan).await?.expect("a purchase refers to its plan").plan;
    let calendar = Calendar::read(view).await?;
    let mut names = HashMap::new();
    for earner in purchase.decisions.iter().filter_map(|decision| decision.earner) {
        let member = view.member(earner.user).await?.expect("a decision refers to its member");
        names.insert(earner.user, member.user.name);
    }
    let told = |decision: &Decision| match levels {
        Levels::All => true,
        Levels::One(level) => decision.level == level,
    };
    let links = |base: Money, decisions: Vec<Decision>| -> Vec<Link> {
        decisions
            .into_iter()
            .filter(|decision| told(decision))
            .map(|decision| link(base, decision, &names))
            .collect()
    };
    let step = |refund: Refund| {
        let before = refund.net.checked_add(refund.amount).expect("at most the purchase");
        let reversals = reversals(&plan, &purchase, before, refund.net);
        Step {
            reversals: reversals.into_iter().filter(|reversal| told(&reversal.decision)).collect(),
            chain: links(refund.net, decide_again(&plan, &purchase, refund.net)),
            refund,
        }
    };
    let refunds = view.refunds(purchase.id).await?.into_iter().map(step).collect();
    let chain = links(purchase.amount, purchase.decisions.clone());
    Ok(Sale { purchase, buyer, plan, chain, refunds, now, calendar })
}

fn link(base: Money, decision: Decision, names: &HashMap<UserId, Name>) -> Link {
    let name = decision.earner.and_then(|earner| names.get(&earner.user).cloned());
    Link { exact: decision.rate.exactly(base), decision, name, base }
}
