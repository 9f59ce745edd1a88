//! Saying what became of payouts, of one or of many of a run. Each is settled once.

use std::sync::Arc;

use domain::{Cause, Money, Payout, PayoutId, PayoutRunId, PayoutState, Reason, Scope, Timestamp};
use serde_json::{Value, json};
use store::{LedgerLine, Snapshot, Tx};

use super::PayoutError;
use crate::audit::{self, Action};
use crate::books::{Books, out_of_range};
use crate::{App, Caller, Clock};

/// Payouts settled in one transaction, so that whoever else writes gets a turn.
const SLICE: usize = 1_000;

/// What became of a payout, as it is reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settlement {
    /// It reached the member.
    Paid,
    /// It did not.
    Failed(Reason),
}

impl Settlement {
    fn at(&self, now: Timestamp) -> PayoutState {
        match self {
            Self::Paid => PayoutState::Paid(now),
            Self::Failed(reason) => PayoutState::Failed(now, reason.clone()),
        }
    }

    fn is(&self, state: &PayoutState) -> bool {
        match (self, state) {
            (Self::Paid, PayoutState::Paid(_)) => true,
            (Self::Failed(is), PayoutState::Failed(_, was)) => is == was,
            _ => false,
        }
    }

    fn action(&self) -> Action {
        match self {
            Self::Paid => Action::MarkPayoutPaid,
            Self::Failed(_) => Action::MarkPayoutFailed,
        }
    }

    fn detail(&self) -> Value {
        match self {
            Self::Paid => json!({}),
            Self::Failed(reason) => json!({"reason": reason.as_str()}),
        }
    }
}

/// Which payouts of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Of {
    /// Every one of it.
    Run,
    /// These.
    These(Vec<PayoutId>),
}

/// What became of many payouts that were settled together.
#[derive(Debug, Default)]
pub struct SettledTogether {
    /// How many were settled now.
    pub settled: usize,
    /// How many had been settled in the same way before.
    pub already: usize,
    /// Those that were left as they are, in the order of their ids, and why.
    pub unsettled: Vec<(PayoutId, PayoutError)>,
}

/// Says what became of a payout. Saying the same again changes nothing.
pub async fn settle(
    app: &App,
    caller: &Caller,
    payout: PayoutId,
    settlement: Settlement,
) -> Result<Payout, PayoutError> {
    caller.require(Scope::PayoutsWrite)?;
    let (clock, caller) = (Arc::clone(&app.clock), *caller);
    let (payout, lines) = app
        .store
        .write(async move |tx| {
            let mut slice = Slice::settle(tx, &*clock, None, &[payout], &settlement).await?;
            if let Some((_, why)) = slice.unsettled.pop() {
                return Err(why);
            }
            if let Some(at) = slice.at {
                let subject = format_args!("payout {payout}");
                audit::note(tx, &caller, at, settlement.action(), subject, settlement.detail()).await?;
            }
            let payout = tx.payout(payout).await?.expect("it is settled");
            Ok((payout, slice.lines))
        })
        .await?;
    app.feed.publish(Vec::new(), lines);
    Ok(payout)
}

/// Says what became of payouts of a run, a thousand in each transaction. What had
/// been settled in the same way is as it should be; what had been settled in
/// another way, or is not of this run, is told and left alone. Broken off, it can
/// be said again.
pub async fn settle_run(
    app: &App,
    caller: &Caller,
    run: PayoutRunId,
    of: Of,
    settlement: Settlement,
) -> Result<SettledTogether, PayoutError> {
    caller.require(Scope::PayoutsWrite)?;
    let mut together = SettledTogether::default();
    for ids in named(app, run, of).await?.chunks(SLICE) {
        let slice = settle_slice(app, caller, run, ids, &settlement).await?;
        together.settled += slice.settled.len();
        together.already += slice.already;
        together.unsettled.extend(slice.unsettled);
        app.feed.publish(Vec::new(), slice.lines);
    }
    Ok(together)
}

/// The payouts that are meant, each once and in the order of their ids.
async fn named(app: &App, run: PayoutRunId, of: Of) -> Result<Vec<PayoutId>, PayoutError> {
    let look = async move |view: &mut Snapshot<'_>| {
        view.payout_run(run).await?.ok_or(PayoutError::RunNotFound(run))?;
        let mut ids = match &of {
            Of::These(ids) => ids.clone(),
            Of::Run => {
                let all = view.payouts_of_run(run, PayoutId::new(0), usize::MAX).await?;
                all.iter().map(|payout| payout.id).collect()
            }
        };
        ids.sort_unstable();
        ids.dedup();
        Ok(ids)
    };
    app.store.read(look).await
}

async fn settle_slice(
    app: &App,
    caller: &Caller,
    run: PayoutRunId,
    ids: &[PayoutId],
    settlement: &Settlement,
) -> Result<Slice, PayoutError> {
    let (clock, caller) = (Arc::clone(&app.clock), *caller);
    let (ids, settlement) = (ids.to_vec(), settlement.clone());
    app.store
        .write(async move |tx| {
            let slice = Slice::settle(tx, &*clock, Some(run), &ids, &settlement).await?;
            if let Some(at) = slice.at {
                let mut detail = settlement.detail();
                detail["payouts"] = slice.settled.len().into();
                detail["total"] = slice.total()?.to_string().into();
                detail["ids"] = slice.settled.iter().map(|payout| payout.id.get()).collect();
                let subject = format_args!("payout run {run}");
                audit::note(tx, &caller, at, settlement.action(), subject, detail).await?;
            }
            Ok(slice)
        })
        .await
}

/// What one transaction did about some payouts.
struct Slice {
    /// Those that were pending, as they were.
    settled: Vec<Payout>,
    /// When they were settled, if there were any.
    at: Option<Timestamp>,
    /// How many had been settled in the same way.
    already: usize,
    unsettled: Vec<(PayoutId, PayoutError)>,
    /// What came back.
    lines: Vec<LedgerLine>,
}

impl Slice {
    /// Settles those of these payouts that are pending, and of this run where
    /// there is one.
    async fn settle(
        tx: &mut Tx<'_>,
        clock: &dyn Clock,
        run: Option<PayoutRunId>,
        ids: &[PayoutId],
        settlement: &Settlement,
    ) -> Result<Self, PayoutError> {
        let owners = tx.payouts_by_id(ids).await?.into_values().map(|payout| payout.user);
        // Whoever settles one of them at the same time is waited for.
        let mut books = Books::open(tx, owners).await?;
        let found = tx.payouts_by_id(ids).await?;
        let mut slice =
            Self { settled: Vec::new(), at: None, already: 0, unsettled: Vec::new(), lines: Vec::new() };
        for id in ids {
            let of_run = |payout: &&Payout| run.is_none_or(|run| payout.run == run);
            match found.get(id).filter(of_run) {
                None => slice.unsettled.push((*id, PayoutError::PayoutNotFound(*id))),
                Some(payout) if payout.state == PayoutState::Pending => slice.settled.push(payout.clone()),
                Some(payout) if settlement.is(&payout.state) => slice.already += 1,
                Some(payout) => {
                    slice.unsettled.push((*id, PayoutError::Settled(payout.state.status())));
                }
            }
        }
        if slice.settled.is_empty() {
            return Ok(slice);
        }
        let now = clock.now();
        let state = settlement.at(now);
        let pending: Vec<PayoutId> = slice.settled.iter().map(|payout| payout.id).collect();
        if !tx.settle_payouts(&pending, &state).await? {
            return Err(PayoutError::Settled(state.status()));
        }
        if let Settlement::Failed(_) = settlement {
            for Payout { id, user, amount, .. } in &slice.settled {
                books.post(Cause::PayoutReturned(*id), *user, *amount, now).map_err(out_of_range)?;
            }
        }
        slice.lines = books.close(tx).await?;
        slice.at = Some(now);
        Ok(slice)
    }

    /// What those that were settled come to: a part of the total of their run.
    fn total(&self) -> store::Result<Money> {
        let amounts = self.settled.iter().map(|payout| payout.amount);
        Money::sum(amounts).map_err(|_| store::Error::OutOfRange("all payouts of the run"))
    }
}
