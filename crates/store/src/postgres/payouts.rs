//! Payout runs and what became of their payouts.

use std::collections::HashMap;

use domain::{
    Name, Payout, PayoutId, PayoutRun, PayoutRunId, PayoutState, PayoutStatus, PurchaseId, Reason, Reference,
    RefundId, Timestamp, UserId,
};
use tokio_postgres::Row;

use super::{Session, row};
use crate::{Error, NewPayoutRun, NewPayoutWarning, NotedPayoutWarning, Result};

macro_rules! select_run {
    ($rest:literal) => {
        concat!("select id, reference, minimum, payouts, total, created_at from payout_runs ", $rest)
    };
}

macro_rules! select_payout {
    ($rest:literal) => {
        concat!(
            "select id, run_id, user_id, amount, status, reason, created_at, settled_at from payouts ",
            $rest
        )
    };
}

pub(super) const RUN_BY_ID: &str = select_run!("where id = $1");
pub(super) const RUN_BY_REFERENCE: &str = select_run!("where reference = $1");
pub(super) const RUN_PAGE: &str = select_run!("where id < $1 order by id desc limit $2");
/// The next purchase has the next id of the sequence. This runs while the accounts
/// of all members of the run are locked, as `members::INSERT_ACTIVITY` does.
pub(super) const INSERT_RUN: &str = "\
insert into payout_runs (reference, minimum, payouts, total, created_at, next_purchase)
select $1, $2, $3, $4, $5, case when is_called then last_value + 1 else last_value end from purchase_ids returning id";

pub(super) const BY_ID: &str = select_payout!("where id = $1");
pub(super) const BY_IDS: &str = select_payout!("where id = any ($1)");
pub(super) const OF_RUN: &str = select_payout!("where run_id = $1 and id > $2 order by id limit $3");
pub(super) const SINCE: &str = "\
select p.id, p.run_id, p.user_id, p.amount, p.status, p.reason, p.created_at, p.settled_at
from payouts p join payout_runs r on r.id = p.run_id
where p.user_id = any ($1) and r.next_purchase > $2 order by p.id";
pub(super) const OF_USER: &str = select_payout!("where user_id = $1 and id < $2 order by id desc limit $3");
pub(super) const SCAN: &str = select_payout!("where id > $1 order by id limit $2");
pub(super) const NEXT_IDS: &str = "select nextval('payout_ids') from generate_series(1, $1::bigint)";
pub(super) const INSERT: &str = "\
insert into payouts (id, run_id, user_id, amount, status, created_at)
select id, $3, user_id, amount, 'pending', $4 from unnest($1::bigint[], $2::bigint[], $5::bigint[])
    as new (id, user_id, amount)";
pub(super) const SETTLE: &str = "\
update payouts set status = $2, reason = $3, settled_at = $4 where id = any ($1) and status = 'pending'";

pub(super) const WARNINGS: &str = "\
select w.payout_id, p.status, p.user_id, u.name, w.kind, w.purchase_id, w.refund_id, w.amount, w.created_at
from payout_warnings w join payouts p on p.id = w.payout_id join users u on u.id = p.user_id
where w.run_id = $1 and p.status <> 'failed' order by w.id limit $2";
pub(super) const WARN: &str = "\
insert into payout_warnings (run_id, payout_id, kind, purchase_id, refund_id, amount, created_at)
select * from unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[])";

impl Session<'_> {
    pub(crate) async fn payout_run(&mut self, id: PayoutRunId) -> Result<Option<PayoutRun>> {
        self.open.row(RUN_BY_ID, &[&id.get()], run).await
    }

    pub(crate) async fn payout_run_by_reference(
        &mut self,
        reference: &Reference,
    ) -> Result<Option<PayoutRun>> {
        self.open.row(RUN_BY_REFERENCE, &[&reference.as_str()], run).await
    }

    pub(crate) async fn payout_runs_page(
        &mut self,
        before: Option<PayoutRunId>,
        limit: usize,
    ) -> Result<Vec<PayoutRun>> {
        let before = before.map_or(i64::MAX, PayoutRunId::get);
        self.open.rows(RUN_PAGE, &[&before, &row::limit(limit)], run).await
    }

    pub(crate) async fn payout(&mut self, id: PayoutId) -> Result<Option<Payout>> {
        self.open.row(BY_ID, &[&id.get()], payout).await
    }

    pub(crate) async fn payouts_by_id(&mut self, ids: &[PayoutId]) -> Result<HashMap<PayoutId, Payout>> {
        let ids = row::column(ids, |id| id.get());
        let found = self.open.rows(BY_IDS, &[&ids], payout).await?;
        Ok(found.into_iter().map(|payout| (payout.id, payout)).collect())
    }

    pub(crate) async fn payouts_of_run(
        &mut self,
        run: PayoutRunId,
        after: PayoutId,
        limit: usize,
    ) -> Result<Vec<Payout>> {
        self.open.rows(OF_RUN, &[&run.get(), &after.get(), &row::limit(limit)], payout).await
    }

    pub(crate) async fn payouts_of_user(
        &mut self,
        user: UserId,
        before: Option<PayoutId>,
        limit: usize,
    ) -> Result<Vec<Payout>> {
        let before = before.map_or(i64::MAX, PayoutId::get);
        self.open.rows(OF_USER, &[&user.get(), &before, &row::limit(limit)], payout).await
    }

    pub(crate) async fn scan_payouts(&mut self, after: PayoutId, limit: usize) -> Result<Vec<Payout>> {
        self.open.rows(SCAN, &[&after.get(), &row::limit(limit)], payout).await
    }

    pub(crate) async fn payouts_since(
        &mut self,
        purchase: PurchaseId,
        users: &[UserId],
    ) -> Result<Vec<Payout>> {
        if users.is_empty() {
            return Ok(Vec::new());
        }
        let users = row::column(users, |user| user.get());
        self.open.rows(SINCE, &[&users, &purchase.get()], payout).await
    }

    pub(crate) async fn payout_warnings(
        &mut self,
        run: PayoutRunId,
        limit: usize,
    ) -> Result<Vec<NotedPayoutWarning>> {
        self.open.rows(WARNINGS, &[&run.get(), &row::limit(limit)], warning).await
    }

    pub(crate) fn insert_payout_warnings(&mut self, warnings: &[NewPayoutWarning]) {
        if warnings.is_empty() {
            return;
        }
        self.open.change_later(
            WARN,
            vec![
                row::kept(warnings, |warning| warning.run.get()),
                row::kept(warnings, |warning| warning.payout.get()),
                row::kept(warnings, |warning| warning.kind.name()),
                row::kept(warnings, |warning| warning.purchase.get()),
                row::kept(warnings, |warning| warning.refund.map(RefundId::get)),
                row::kept(warnings, |warning| warning.amount.paise()),
                row::kept(warnings, |warning| warning.created_at.millis()),
            ],
        );
    }

    pub(crate) async fn insert_payout_run(
        &mut self,
        new: &NewPayoutRun,
    ) -> Result<(PayoutRunId, Vec<PayoutId>)> {
        let total = new.total()?.paise();
        let (reference, at) = (new.reference.as_ref().map(Reference::as_str), new.created_at.millis());
        let count = row::limit(new.payouts.len());
        let run =
            self.open.insert(INSERT_RUN, &[&reference, &new.minimum.paise(), &count, &total, &at]).await?;
        if new.payouts.is_empty() {
            return Ok((PayoutRunId::new(run), Vec::new()));
        }
        let ids = self.open.rows(NEXT_IDS, &[&count], row::number).await?;
        let users = row::column(&new.payouts, |(user, _)| user.get());
        let amounts = row::column(&new.payouts, |(_, amount)| amount.paise());
        self.open.change(INSERT, &[&ids, &users, &run, &at, &amounts]).await?;
        Ok((PayoutRunId::new(run), ids.into_iter().map(PayoutId::new).collect()))
    }

    pub(crate) async fn settle_payouts(&mut self, ids: &[PayoutId], state: &PayoutState) -> Result<bool> {
        let (reason, at) = match state {
            PayoutState::Pending => (None, None),
            PayoutState::Paid(at) => (None, Some(at.millis())),
            PayoutState::Failed(at, reason) => (Some(reason.as_str()), Some(at.millis())),
        };
        let all = row::column(ids, |id| id.get());
        let settled = self.open.change(SETTLE, &[&all, &state.status().name(), &reason, &at]).await?;
        Ok(usize::try_from(settled).is_ok_and(|settled| settled == ids.len()))
    }
}

fn run(found: &Row) -> Result<PayoutRun> {
    Ok(PayoutRun {
        id: PayoutRunId::new(row::get(found, 0)?),
        reference: row::parse_option(found, 1, ("payout_runs", "reference"))?,
        minimum: row::money(found, 2)?,
        payouts: row::get(found, 3)?,
        total: row::money(found, 4)?,
        created_at: row::time(found, 5)?,
    })
}

fn payout(found: &Row) -> Result<Payout> {
    Ok(Payout {
        id: PayoutId::new(row::get(found, 0)?),
        run: PayoutRunId::new(row::get(found, 1)?),
        user: row::user(found, 2)?,
        amount: row::money(found, 3)?,
        state: state(found)?,
        created_at: row::time(found, 6)?,
    })
}

fn warning(found: &Row) -> Result<NotedPayoutWarning> {
    Ok(NotedPayoutWarning {
        payout: PayoutId::new(row::get(found, 0)?),
        status: row::parse(found, 1, ("payouts", "status"))?,
        user: row::user(found, 2)?,
        user_name: row::stored(found, 3, ("users", "name"), Name::stored)?,
        kind: row::parse(found, 4, ("payout_warnings", "kind"))?,
        purchase: PurchaseId::new(row::get(found, 5)?),
        refund: row::get::<Option<i64>>(found, 6)?.map(RefundId::new),
        amount: row::money(found, 7)?,
        created_at: row::time(found, 8)?,
    })
}

fn state(found: &Row) -> Result<PayoutState> {
    let status = row::parse(found, 4, ("payouts", "status"))?;
    let reason: Option<Reason> = row::stored_option(found, 5, ("payouts", "reason"), Reason::stored)?;
    let at = row::get::<Option<i64>>(found, 7)?.map(Timestamp::from_millis);
    match (status, at, reason) {
        (PayoutStatus::Pending, None, None) => Ok(PayoutState::Pending),
        (PayoutStatus::Paid, Some(at), None) => Ok(PayoutState::Paid(at)),
        (PayoutStatus::Failed, Some(at), Some(reason)) => Ok(PayoutState::Failed(at, reason)),
        _ => Err(Error::inconsistent("payouts", "status", status)),
    }
}
