//! Payout runs and what became of their payouts.

use std::collections::HashMap;

use domain::{
    Payout, PayoutId, PayoutRun, PayoutRunId, PayoutState, PayoutStatus, Reason, Reference, Timestamp, UserId,
};
use tokio_postgres::Row;

use super::{Session, row};
use crate::{Error, NewPayoutRun, Result};

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
pub(super) const INSERT_RUN: &str = "\
insert into payout_runs (reference, minimum, payouts, total, created_at) values ($1, $2, $3, $4, $5) returning id";

pub(super) const BY_ID: &str = select_payout!("where id = $1");
pub(super) const BY_IDS: &str = select_payout!("where id = any ($1)");
pub(super) const OF_RUN: &str = select_payout!("where run_id = $1 and id > $2 order by id limit $3");
pub(super) const OF_USER: &str = select_payout!("where user_id = $1 and id < $2 order by id desc limit $3");
pub(super) const SCAN: &str = select_payout!("where id > $1 order by id limit $2");
pub(super) const NEXT_IDS: &str = "select nextval('payout_ids') from generate_series(1, $1::bigint)";
pub(super) const INSERT: &str = "\
insert into payouts (id, run_id, user_id, amount, status, created_at)
select id, $3, user_id, amount, 'pending', $4 from unnest($1::bigint[], $2::bigint[], $5::bigint[])
    as new (id, user_id, amount)";
pub(super) const SETTLE: &str = "\
update payouts set status = $2, reason = $3, settled_at = $4 where id = any ($1) and status = 'pending'";

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

    pub(crate) async fn insert_payout_run(
        &mut self,
        new: &NewPayoutRun,
    ) -> Result<(PayoutRunId, Vec<PayoutId>)> {
        let total: i64 = new.payouts.iter().map(|(_, amount)| amount.paise()).sum();
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

fn state(found: &Row) -> Result<PayoutState> {
    let status = row::parse(found, 4, ("payouts", "status"))?;
    let reason: Option<Reason> = row::parse_option(found, 5, ("payouts", "reason"))?;
    let at = row::get::<Option<i64>>(found, 7)?.map(Timestamp::from_millis);
    match (status, at, reason) {
        (PayoutStatus::Pending, None, None) => Ok(PayoutState::Pending),
        (PayoutStatus::Paid, Some(at), None) => Ok(PayoutState::Paid(at)),
        (PayoutStatus::Failed, Some(at), Some(reason)) => Ok(PayoutState::Failed(at, reason)),
        _ => Err(Error::inconsistent("payouts", "status", status)),
    }
}
