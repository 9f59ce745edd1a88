//! What was taken back of purchases.

use domain::{Money, PurchaseId, Reference, Refund, RefundId};
use rusqlite::{Row, params};

use super::{Session, row};
use crate::{NewRefund, Result};

macro_rules! select_refund {
    ($rest:literal) => {
        concat!("select id, purchase_id, reference, amount, net, created_at from refunds ", $rest)
    };
}

pub(super) const OF_PURCHASE: &str = select_refund!("where purchase_id = ?1 order by id");
pub(super) const BY_ID: &str = select_refund!("where id = ?1");
pub(super) const BY_REFERENCE: &str = select_refund!("where reference = ?1");
pub(super) const SCAN: &str = select_refund!("where id > ?1 order by id limit ?2");
pub(super) const INSERT: &str = "\
insert into refunds (purchase_id, reference, amount, net, reversed, created_at) values (?1, ?2, ?3, ?4, ?5, ?6)
returning id";
pub(super) const SET_REFUNDED: &str = "update purchases set refunded = ?2 where id = ?1";

impl Session<'_> {
    pub(crate) fn refunds(&mut self, purchase: PurchaseId) -> Result<Vec<Refund>> {
        self.conn.prepare_cached(OF_PURCHASE)?.query_and_then([purchase.get()], refund)?.collect()
    }

    pub(crate) fn refund(&mut self, id: RefundId) -> Result<Option<Refund>> {
        self.conn.prepare_cached(BY_ID)?.query_and_then([id.get()], refund)?.next().transpose()
    }

    pub(crate) fn refund_by_reference(&mut self, reference: &Reference) -> Result<Option<Refund>> {
        let mut statement = self.conn.prepare_cached(BY_REFERENCE)?;
        statement.query_and_then([reference.as_str()], refund)?.next().transpose()
    }

    pub(crate) fn scan_refunds(&mut self, after: RefundId, limit: usize) -> Result<Vec<Refund>> {
        self.conn.prepare_cached(SCAN)?.query_and_then([after.get(), row::limit(limit)], refund)?.collect()
    }

    pub(crate) fn insert_refund(&mut self, new: &NewRefund) -> Result<RefundId> {
        let values = params![
            new.purchase.get(),
            new.reference.as_ref().map(Reference::as_str),
            new.amount.paise(),
            new.net.paise(),
            new.reversed.paise(),
            new.created_at.millis(),
        ];
        let id = self.conn.prepare_cached(INSERT)?.query_row(values, |row| row.get(0))?;
        Ok(RefundId::new(id))
    }

    pub(crate) fn set_refunded(&mut self, purchase: PurchaseId, refunded: Money) -> Result<()> {
        self.conn.prepare_cached(SET_REFUNDED)?.execute([purchase.get(), refunded.paise()])?;
        Ok(())
    }
}

fn refund(found: &Row<'_>) -> Result<Refund> {
    Ok(Refund {
        id: RefundId::new(row::get(found, 0)?),
        purchase: PurchaseId::new(row::get(found, 1)?),
        reference: row::parse_option(found, 2, ("refunds", "reference"))?,
        amount: row::money(found, 3)?,
        net: row::money(found, 4)?,
        created_at: row::time(found, 5)?,
    })
}
