//! Purchases and what was decided about them.

use std::collections::HashMap;

use domain::{Name, PlanVersion, Purchase, PurchaseId, Reference, Timestamp};
use rusqlite::{Connection, Row};

use super::{Onto, Session, Table, row};
use crate::times::SaleTimes;
use crate::{Error, Result, Sale, SaleTime, decisions, notes};

macro_rules! select_purchase {
    ($more:literal, $rest:literal) => {
        concat!(
            "select p.id, p.reference, p.buyer_id, p.amount, p.plan_version, p.decisions, p.occurred_at, \
             p.refunded, p.booked_at, p.recorded_at, p.matures_at, p.present_plan, p.metadata",
            $more,
            " from purchases p ",
            $rest
        )
    };
}

pub(super) const BY_ID: &str =
    select_purchase!(", u.name", "join users u on u.id = p.buyer_id where p.id = ?1");
pub(super) const PAGE: &str = select_purchase!(
    ", u.name",
    "join users u on u.id = p.buyer_id where p.id < ?1 order by p.id desc limit ?2"
);
pub(super) const TO_REFUND: &str = select_purchase!("", "where p.id = ?1");
pub(super) const BY_REFERENCE: &str = select_purchase!("", "where p.reference = ?1");
pub(super) const SCAN: &str = select_purchase!("", "where p.id > ?1 order by p.id limit ?2");
pub(super) const BACKDATED: &str = select_purchase!(
    "",
    "where p.present_plan is not null and p.id >= (select coalesce(max(next_purchase), 0) from payout_runs)
     order by p.id limit ?1"
);
pub(super) const SALES: &str = "\
select id, buyer_id, amount, refunded, plan_version, decisions, occurred_at from purchases
where id > ?1 order by id limit ?2";
pub(super) const NEWEST: &str = "select coalesce(max(id), 0) from purchases";
pub(super) const INSERT: &str = "\
insert into purchases (id, reference, buyer_id, amount, plan_version, decisions, occurred_at, booked_at,
    recorded_at, matures_at, present_plan, metadata)
values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";

/// Whose commissions were settled elsewhere, no plan decided.
pub(super) const FIRST_DECIDED_SINCE: &str = "\
select id, occurred_at from purchases where id > ?1 and occurred_at >= ?2 and decisions <> ''
order by occurred_at, id limit 1";
pub(super) const LAST_DECIDED: &str = "\
select id, occurred_at from purchases where id > ?1 and decisions <> '' order by occurred_at desc, id desc limit 1";
pub(super) const FIRST_UNDER: &str =
    "select id from purchases where id > ?1 and (plan_version = ?2 or present_plan = ?2) order by id limit 1";

impl Session<'_> {
    pub(crate) fn purchase(&mut self, id: PurchaseId) -> Result<Option<(Purchase, Name)>> {
        self.conn.prepare_cached(BY_ID)?.query_and_then([id.get()], with_buyer)?.next().transpose()
    }

    pub(crate) fn purchases_page(
        &mut self,
        before: Option<PurchaseId>,
        limit: usize,
    ) -> Result<Vec<(Purchase, Name)>> {
        let before = before.map_or(i64::MAX, PurchaseId::get);
        self.conn.prepare_cached(PAGE)?.query_and_then([before, row::limit(limit)], with_buyer)?.collect()
    }

    pub(crate) fn first_decided_since(
        &mut self,
        time: Timestamp,
        after: PurchaseId,
    ) -> Result<Option<SaleTime>> {
        let values = [after.get(), time.millis()];
        self.conn.prepare_cached(FIRST_DECIDED_SINCE)?.query_and_then(values, sale_time)?.next().transpose()
    }

    pub(crate) fn last_decided(&mut self, after: PurchaseId) -> Result<Option<SaleTime>> {
        self.conn.prepare_cached(LAST_DECIDED)?.query_and_then([after.get()], sale_time)?.next().transpose()
    }

    pub(crate) fn first_purchase_under(
        &mut self,
        plan: PlanVersion,
        after: PurchaseId,
    ) -> Result<Option<PurchaseId>> {
        let values = [after.get(), plan.get()];
        let id = |found: &Row<'_>| Ok(PurchaseId::new(row::get(found, 0)?));
        self.conn.prepare_cached(FIRST_UNDER)?.query_and_then(values, id)?.next().transpose()
    }

    pub(crate) fn purchases_by_reference(
        &mut self,
        references: &[&Reference],
    ) -> Result<HashMap<Reference, Purchase>> {
        let Onto::Journal(tail) = &mut self.onto else { return find(self.conn, references) };
        let newest = newest(self.conn)?;
        let mut found = find(self.conn, &tail.known(references, self.conn, newest)?)?;
        for reference in references {
            found.extend(tail.purchase(reference).map(|purchase| ((*reference).clone(), purchase.clone())));
        }
        Ok(found)
    }

    /// The one writer holds the whole database, so there is nothing to lock.
    pub(crate) fn lock_purchase(&mut self, id: PurchaseId) -> Result<Option<Purchase>> {
        self.conn.prepare_cached(TO_REFUND)?.query_and_then([id.get()], purchase)?.next().transpose()
    }

    pub(crate) fn scan_purchases(&mut self, after: PurchaseId, limit: usize) -> Result<Vec<Purchase>> {
        self.conn.prepare_cached(SCAN)?.query_and_then([after.get(), row::limit(limit)], purchase)?.collect()
    }

    pub(crate) fn backdated_since_the_last_run(&mut self, limit: usize) -> Result<Vec<Purchase>> {
        self.conn.prepare_cached(BACKDATED)?.query_and_then([row::limit(limit)], purchase)?.collect()
    }

    pub(crate) fn scan_sales(&mut self, after: PurchaseId, limit: usize) -> Result<Vec<Sale>> {
        self.conn.prepare_cached(SALES)?.query_and_then([after.get(), row::limit(limit)], sale)?.collect()
    }

    pub(crate) fn next_purchase_ids(&mut self, count: usize) -> Result<Vec<PurchaseId>> {
        let first = newest(self.conn)? + 1;
        let first = match &self.onto {
            Onto::Journal(tail) => first.max(tail.next_purchase()),
            Onto::Books(_) | Onto::Nothing => first,
        };
        Ok((first..).take(count).map(PurchaseId::new).collect())
    }

    pub(crate) fn insert_purchases(&mut self, purchases: &[&Purchase]) -> Result<()> {
        for purchase in purchases {
            let times = SaleTimes::of(purchase);
            self.add(
                Table::Purchases,
                &[
                    purchase.id.get().into(),
                    purchase.reference.as_ref().map(Reference::as_str).into(),
                    purchase.buyer.get().into(),
                    purchase.amount.paise().into(),
                    purchase.plan.get().into(),
                    decisions::encode(&purchase.decisions).as_str().into(),
                    purchase.occurred_at.millis().into(),
                    times.booked_at.into(),
                    times.recorded_at.into(),
                    purchase.matures_at.map(Timestamp::millis).into(),
                    purchase.present_plan.map(PlanVersion::get).into(),
                    notes::encode(&purchase.metadata).as_deref().into(),
                ],
            )?;
        }
        if let Onto::Journal(tail) = &mut self.onto {
            tail.add_purchases(purchases);
        }
        Ok(())
    }
}

fn find(conn: &Connection, references: &[&Reference]) -> Result<HashMap<Reference, Purchase>> {
    let mut found = HashMap::new();
    let mut statement = conn.prepare_cached(BY_REFERENCE)?;
    for reference in references {
        let mut rows = statement.query_and_then([reference.as_str()], purchase)?;
        found.extend(rows.next().transpose()?.map(|purchase| ((*reference).clone(), purchase)));
    }
    Ok(found)
}

/// The id of the newest purchase; 0 before the first.
fn newest(conn: &Connection) -> Result<i64> {
    Ok(conn.prepare_cached(NEWEST)?.query_row([], |row| row.get(0))?)
}

fn with_buyer(found: &Row<'_>) -> Result<(Purchase, Name)> {
    Ok((purchase(found)?, row::stored(found, 13, ("users", "name"), Name::stored)?))
}

fn sale(found: &Row<'_>) -> Result<Sale> {
    let text = found.get_ref(5)?.as_bytes().map_err(rusqlite::Error::from)?;
    let inconsistent = || Error::inconsistent("purchases", "decisions", String::from_utf8_lossy(text));
    Ok(Sale {
        id: PurchaseId::new(row::get(found, 0)?),
        buyer: row::user(found, 1)?,
        amount: row::money(found, 2)?,
        refunded: row::money(found, 3)?,
        plan: PlanVersion::new(row::get(found, 4)?),
        decided: decisions::decode_decided(text).ok_or_else(inconsistent)?,
        occurred_at: row::time(found, 6)?,
    })
}

fn purchase(found: &Row<'_>) -> Result<Purchase> {
    let decisions: String = row::get(found, 5)?;
    let occurred_at = row::time(found, 6)?;
    let times = SaleTimes { booked_at: row::get(found, 8)?, recorded_at: row::get(found, 9)? };
    let (booked_at, recorded_at) = times.decode(occurred_at);
    Ok(Purchase {
        id: PurchaseId::new(row::get(found, 0)?),
        reference: row::parse_option(found, 1, ("purchases", "reference"))?,
        buyer: row::user(found, 2)?,
        amount: row::money(found, 3)?,
        plan: PlanVersion::new(row::get(found, 4)?),
        decisions: decisions::decode(&decisions)
            .ok_or_else(|| Error::inconsistent("purchases", "decisions", &decisions))?,
        occurred_at,
        booked_at,
        recorded_at,
        matures_at: row::time_option(found, 10)?,
        present_plan: row::get::<Option<i64>>(found, 11)?.map(PlanVersion::new),
        metadata: row::metadata(found, 12, ("purchases", "metadata"))?,
        refunded: row::money(found, 7)?,
    })
}

fn sale_time(found: &Row<'_>) -> Result<SaleTime> {
    Ok(SaleTime { purchase: PurchaseId::new(row::get(found, 0)?), occurred_at: row::time(found, 1)? })
}
