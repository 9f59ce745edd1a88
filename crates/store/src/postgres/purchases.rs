//! Purchases and what was decided about them.

use std::collections::HashMap;

use domain::{Name, PlanVersion, Purchase, PurchaseId, Reference, Timestamp};
use tokio_postgres::Row;

use super::{Session, row};
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
    select_purchase!(", u.name", "join users u on u.id = p.buyer_id where p.id = $1");
pub(super) const PAGE: &str = select_purchase!(
    ", u.name",
    "join users u on u.id = p.buyer_id where p.id < $1 order by p.id desc limit $2"
);
pub(super) const TO_REFUND: &str = select_purchase!("", "where p.id = $1 for no key update");
pub(super) const BY_REFERENCES: &str = select_purchase!("", "where p.reference = any ($1)");
pub(super) const SCAN: &str = select_purchase!("", "where p.id > $1 order by p.id limit $2");
pub(super) const BACKDATED: &str = select_purchase!(
    "",
    "where p.present_plan is not null and p.id >= (select coalesce(max(next_purchase), 0) from payout_runs)
     order by p.id limit $1"
);
pub(super) const SALES: &str = "\
select id, buyer_id, amount, refunded, plan_version, decisions, occurred_at from purchases
where id > $1 order by id limit $2";
pub(super) const NEXT_IDS: &str = "select nextval('purchase_ids') from generate_series(1, $1::bigint)";
/// In the order of the references: of two nodes that were given the same ones,
/// the second waits for the first, and never both for each other.
pub(super) const INSERT: &str = "\
insert into purchases (id, reference, buyer_id, amount, plan_version, decisions, occurred_at, booked_at,
    recorded_at, matures_at, present_plan, metadata)
select * from unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[], $7::bigint[],
    $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], $12::text[])
    as new (id, reference, buyer_id, amount, plan_version, decisions, occurred_at, booked_at, recorded_at, matures_at,
        present_plan, metadata)
order by reference, id";

/// Whose commissions were settled elsewhere, no plan decided.
pub(super) const FIRST_DECIDED_SINCE: &str = "\
select id, occurred_at from purchases where id > $1 and occurred_at >= $2 and decisions <> ''
order by occurred_at, id limit 1";
pub(super) const LAST_DECIDED: &str = "\
select id, occurred_at from purchases where id > $1 and decisions <> '' order by occurred_at desc, id desc limit 1";
pub(super) const FIRST_UNDER: &str =
    "select id from purchases where id > $1 and (plan_version = $2 or present_plan = $2) order by id limit 1";

impl Session<'_> {
    pub(crate) async fn purchase(&mut self, id: PurchaseId) -> Result<Option<(Purchase, Name)>> {
        self.open.row(BY_ID, &[&id.get()], with_buyer).await
    }

    pub(crate) async fn purchases_page(
        &mut self,
        before: Option<PurchaseId>,
        limit: usize,
    ) -> Result<Vec<(Purchase, Name)>> {
        let before = before.map_or(i64::MAX, PurchaseId::get);
        self.open.rows(PAGE, &[&before, &row::limit(limit)], with_buyer).await
    }

    pub(crate) async fn first_decided_since(
        &mut self,
        time: Timestamp,
        after: PurchaseId,
    ) -> Result<Option<SaleTime>> {
        self.open.be_patient().await?;
        self.open.row(FIRST_DECIDED_SINCE, &[&after.get(), &time.millis()], sale_time).await
    }

    pub(crate) async fn last_decided(&mut self, after: PurchaseId) -> Result<Option<SaleTime>> {
        self.open.be_patient().await?;
        self.open.row(LAST_DECIDED, &[&after.get()], sale_time).await
    }

    pub(crate) async fn first_purchase_under(
        &mut self,
        plan: PlanVersion,
        after: PurchaseId,
    ) -> Result<Option<PurchaseId>> {
        self.open.be_patient().await?;
        let id = |found: &Row| Ok(PurchaseId::new(row::get(found, 0)?));
        self.open.row(FIRST_UNDER, &[&after.get(), &plan.get()], id).await
    }

    pub(crate) async fn purchases_by_reference(
        &mut self,
        references: &[&Reference],
    ) -> Result<HashMap<Reference, Purchase>> {
        if references.is_empty() {
            return Ok(HashMap::new());
        }
        let references = row::column(references, |reference| reference.as_str());
        let found = self.open.rows(BY_REFERENCES, &[&references], purchase).await?;
        let named = |purchase: Purchase| Some((purchase.reference.clone()?, purchase));
        Ok(found.into_iter().filter_map(named).collect())
    }

    pub(crate) async fn lock_purchase(&mut self, id: PurchaseId) -> Result<Option<Purchase>> {
        self.open.row(TO_REFUND, &[&id.get()], purchase).await
    }

    pub(crate) async fn scan_purchases(&mut self, after: PurchaseId, limit: usize) -> Result<Vec<Purchase>> {
        self.open.rows(SCAN, &[&after.get(), &row::limit(limit)], purchase).await
    }

    pub(crate) async fn backdated_since_the_last_run(&mut self, limit: usize) -> Result<Vec<Purchase>> {
        self.open.rows(BACKDATED, &[&row::limit(limit)], purchase).await
    }

    pub(crate) async fn scan_sales(&mut self, after: PurchaseId, limit: usize) -> Result<Vec<Sale>> {
        self.open.rows(SALES, &[&after.get(), &row::limit(limit)], sale).await
    }

    /// A sequence gives its numbers in the order in which it is asked, whoever
    /// asks. So of two transactions that lock the same account one after the
    /// other, and draw their ids once they have it, the second has the greater
    /// ones; `members::INSERT_ACTIVITY` builds on that.
    pub(crate) async fn next_purchase_ids(&mut self, count: usize) -> Result<Vec<PurchaseId>> {
        if count == 0 {
            return Ok(Vec::new());
        }
        self.open.rows(NEXT_IDS, &[&row::limit(count)], |id| row::number(id).map(PurchaseId::new)).await
    }

    pub(crate) fn insert_purchases(&mut self, purchases: &[&Purchase]) {
        if purchases.is_empty() {
            return;
        }
        let reference = |purchase: &&Purchase| Some(purchase.reference.as_ref()?.as_str().to_owned());
        self.open.change_later(
            INSERT,
            vec![
                row::kept(purchases, |purchase| purchase.id.get()),
                row::kept(purchases, reference),
                row::kept(purchases, |purchase| purchase.buyer.get()),
                row::kept(purchases, |purchase| purchase.amount.paise()),
                row::kept(purchases, |purchase| purchase.plan.get()),
                row::kept(purchases, |purchase| decisions::encode(&purchase.decisions)),
                row::kept(purchases, |purchase| purchase.occurred_at.millis()),
                row::kept(purchases, |purchase| SaleTimes::of(purchase).booked_at),
                row::kept(purchases, |purchase| SaleTimes::of(purchase).recorded_at),
                row::kept(purchases, |purchase| purchase.matures_at.map(Timestamp::millis)),
                row::kept(purchases, |purchase| purchase.present_plan.map(PlanVersion::get)),
                row::kept(purchases, |purchase| notes::encode(&purchase.metadata)),
            ],
        );
    }
}

fn with_buyer(found: &Row) -> Result<(Purchase, Name)> {
    Ok((purchase(found)?, row::stored(found, 13, ("users", "name"), Name::stored)?))
}

fn sale(found: &Row) -> Result<Sale> {
    let decisions: &str = row::get(found, 5)?;
    Ok(Sale {
        id: PurchaseId::new(row::get(found, 0)?),
        buyer: row::user(found, 1)?,
        amount: row::money(found, 2)?,
        refunded: row::money(found, 3)?,
        plan: PlanVersion::new(row::get(found, 4)?),
        decided: decisions::decode_decided(decisions.as_bytes())
            .ok_or_else(|| Error::inconsistent("purchases", "decisions", decisions))?,
        occurred_at: row::time(found, 6)?,
    })
}

fn purchase(found: &Row) -> Result<Purchase> {
    let decisions: &str = row::get(found, 5)?;
    let occurred_at = row::time(found, 6)?;
    let times = SaleTimes { booked_at: row::get(found, 8)?, recorded_at: row::get(found, 9)? };
    let (booked_at, recorded_at) = times.decode(occurred_at);
    Ok(Purchase {
        id: PurchaseId::new(row::get(found, 0)?),
        reference: row::parse_option(found, 1, ("purchases", "reference"))?,
        buyer: row::user(found, 2)?,
        amount: row::money(found, 3)?,
        plan: PlanVersion::new(row::get(found, 4)?),
        decisions: decisions::decode(decisions)
            .ok_or_else(|| Error::inconsistent("purchases", "decisions", decisions))?,
        occurred_at,
        booked_at,
        recorded_at,
        matures_at: row::time_option(found, 10)?,
        present_plan: row::get::<Option<i64>>(found, 11)?.map(PlanVersion::new),
        metadata: row::metadata(found, 12, ("purchases", "metadata"))?,
        refunded: row::money(found, 7)?,
    })
}

fn sale_time(found: &Row) -> Result<SaleTime> {
    Ok(SaleTime { purchase: PurchaseId::new(row::get(found, 0)?), occurred_at: row::time(found, 1)? })
}
