//! Payout runs and what became of their payouts.

use std::collections::HashMap;

use domain::{
    Name, Payout, PayoutId, PayoutRun, PayoutRunId, PayoutState, PayoutStatus, PurchaseId, Reason, Reference,
    RefundId, Timestamp, UserId,
};
use rusqlite::{Row, params};

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

pub(super) const RUN_BY_ID: &str = select_run!("where id = ?1");
pub(super) const RUN_BY_REFERENCE: &str = select_run!("where reference = ?1");
pub(super) const RUN_PAGE: &str = select_run!("where id < ?1 order by id desc limit ?2");
pub(super) const INSERT_RUN: &str = "\
insert into payout_runs (reference, minimum, payouts, total, created_at, next_purchase)
values (?1, ?2, ?3, ?4, ?5, (select coalesce(max(id), 0) + 1 from purchases)) returning id";

pub(super) const BY_ID: &str = select_payout!("where id = ?1");
pub(super) const OF_RUN: &str = select_payout!("where run_id = ?1 and id > ?2 order by id limit ?3");
pub(super) const SINCE: &str = "\
select p.id, p.run_id, p.user_id, p.amount, p.status, p.reason, p.created_at, p.settled_at
from payouts p join payout_runs r on r.id = p.run_id
where p.user_id = ?1 and r.next_purchase > ?2 order by p.id";
pub(super) const OF_USER: &str = select_payout!("where user_id = ?1 and id < ?2 order by id desc limit ?3");
pub(super) const SCAN: &str = select_payout!("where id > ?1 order by id limit ?2");
pub(super) const INSERT: &str = "\
insert into payouts (run_id, user_id, amount, status, created_at) values (?1, ?2, ?3, 'pending', ?4) returning id";
pub(super) const SETTLE: &str = "\
update payouts set status = ?2, reason = ?3, settled_at = ?4 where id = ?1 and status = 'pending'";

pub(super) const WARNINGS: &str = "\
select w.payout_id, p.status, p.user_id, u.name, w.kind, w.purchase_id, w.refund_id, w.amount, w.created_at
from payout_warnings w join payouts p on p.id = w.payout_id join users u on u.id = p.user_id
where w.run_id = ?1 and p.status <> 'failed' order by w.id limit ?2";
pub(super) const WARN: &str = "\
insert into payout_warnings (run_id, payout_id, kind, purchase_id, refund_id, amount, created_at)
values (?1, ?2, ?3, ?4, ?5, ?6, ?7)";

impl Session<'_> {
    pub(crate) fn payout_run(&mut self, id: PayoutRunId) -> Result<Option<PayoutRun>> {
        self.conn.prepare_cached(RUN_BY_ID)?.query_and_then([id.get()], run)?.next().transpose()
    }

    pub(crate) fn payout_run_by_reference(&mut self, reference: &Reference) -> Result<Option<PayoutRun>> {
        let mut statement = self.conn.prepare_cached(RUN_BY_REFERENCE)?;
        statement.query_and_then([reference.as_str()], run)?.next().transpose()
    }

    pub(crate) fn payout_runs_page(
        &mut self,
        before: Option<PayoutRunId>,
        limit: usize,
    ) -> Result<Vec<PayoutRun>> {
        let before = before.map_or(i64::MAX, PayoutRunId::get);
        self.conn.prepare_cached(RUN_PAGE)?.query_and_then([before, row::limit(limit)], run)?.collect()
    }

    pub(crate) fn payout(&mut self, id: PayoutId) -> Result<Option<Payout>> {
        self.conn.prepare_cached(BY_ID)?.query_and_then([id.get()], payout)?.next().transpose()
    }

    pub(crate) fn payouts_by_id(&mut self, ids: &[PayoutId]) -> Result<HashMap<PayoutId, Payout>> {
        let mut found = HashMap::with_capacity(ids.len());
        for id in ids {
            found.extend(self.payout(*id)?.map(|payout| (*id, payout)));
        }
        Ok(found)
    }

    pub(crate) fn payouts_of_run(
        &mut self,
        run: PayoutRunId,
        after: PayoutId,
        limit: usize,
    ) -> Result<Vec<Payout>> {
        let values = [run.get(), after.get(), row::limit(limit)];
        self.conn.prepare_cached(OF_RUN)?.query_and_then(values, payout)?.collect()
    }

    pub(crate) fn payouts_of_user(
        &mut self,
        user: UserId,
        before: Option<PayoutId>,
        limit: usize,
    ) -> Result<Vec<Payout>> {
        let values = [user.get(), before.map_or(i64::MAX, PayoutId::get), row::limit(limit)];
        self.conn.prepare_cached(OF_USER)?.query_and_then(values, payout)?.collect()
    }

    pub(crate) fn scan_payouts(&mut self, after: PayoutId, limit: usize) -> Result<Vec<Payout>> {
        self.conn.prepare_cached(SCAN)?.query_and_then([after.get(), row::limit(limit)], payout)?.collect()
    }

    pub(crate) fn payouts_since(&mut self, purchase: PurchaseId, users: &[UserId]) -> Result<Vec<Payout>> {
        let mut since = self.conn.prepare_cached(SINCE)?;
        let mut found = Vec::new();
        for user in users {
            for row in since.query_and_then([user.get(), purchase.get()], payout)? {
                found.push(row?);
            }
        }
        found.sort_unstable_by_key(|payout| payout.id);
        Ok(found)
    }

    pub(crate) fn payout_warnings(
        &mut self,
        run: PayoutRunId,
        limit: usize,
    ) -> Result<Vec<NotedPayoutWarning>> {
        let values = [run.get(), row::limit(limit)];
        self.conn.prepare_cached(WARNINGS)?.query_and_then(values, warning)?.collect()
    }

    pub(crate) fn insert_payout_warnings(&mut self, warnings: &[NewPayoutWarning]) -> Result<()> {
        let mut warn = self.conn.prepare_cached(WARN)?;
        for NewPayoutWarning { run, payout, kind, purchase, refund, amount, created_at } in warnings {
            warn.execute(params![
                run.get(),
                payout.get(),
                kind.name(),
                purchase.get(),
                refund.map(RefundId::get),
                amount.paise(),
                created_at.millis(),
            ])?;
        }
        Ok(())
    }

    pub(crate) fn insert_payout_run(&mut self, new: &NewPayoutRun) -> Result<(PayoutRunId, Vec<PayoutId>)> {
        let total = new.total()?.paise();
        let values = params![
            new.reference.as_ref().map(Reference::as_str),
            new.minimum.paise(),
            i64::try_from(new.payouts.len()).unwrap_or(i64::MAX),
            total,
            new.created_at.millis(),
        ];
        let run: i64 = self.conn.prepare_cached(INSERT_RUN)?.query_row(values, |row| row.get(0))?;
        let mut insert = self.conn.prepare_cached(INSERT)?;
        let mut ids = Vec::with_capacity(new.payouts.len());
        for (user, amount) in &new.payouts {
            let values = [run, user.get(), amount.paise(), new.created_at.millis()];
            ids.push(PayoutId::new(insert.query_row(values, |row| row.get(0))?));
        }
        Ok((PayoutRunId::new(run), ids))
    }

    pub(crate) fn settle_payouts(&mut self, ids: &[PayoutId], state: &PayoutState) -> Result<bool> {
        let (reason, at) = match state {
            PayoutState::Pending => (None, None),
            PayoutState::Paid(at) => (None, Some(at.millis())),
            PayoutState::Failed(at, reason) => (Some(reason.as_str()), Some(at.millis())),
        };
        let mut settle = self.conn.prepare_cached(SETTLE)?;
        let mut settled = 0;
        for id in ids {
            settled += settle.execute(params![id.get(), state.status().name(), reason, at])?;
        }
        Ok(settled == ids.len())
    }
}

fn run(found: &Row<'_>) -> Result<PayoutRun> {
    Ok(PayoutRun {
        id: PayoutRunId::new(row::get(found, 0)?),
        reference: row::parse_option(found, 1, ("payout_runs", "reference"))?,
        minimum: row::money(found, 2)?,
        payouts: row::get(found, 3)?,
        total: row::money(found, 4)?,
        created_at: row::time(found, 5)?,
    })
}

fn payout(found: &Row<'_>) -> Result<Payout> {
    Ok(Payout {
        id: PayoutId::new(row::get(found, 0)?),
        run: PayoutRunId::new(row::get(found, 1)?),
        user: row::user(found, 2)?,
        amount: row::money(found, 3)?,
        state: state(found)?,
        created_at: row::time(found, 6)?,
    })
}

fn warning(found: &Row<'_>) -> Result<NotedPayoutWarning> {
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

fn state(found: &Row<'_>) -> Result<PayoutState> {
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
