//! What was taken back of purchases.

use domain::{Money, PurchaseId, Reference, Refund, RefundId};
use tokio_postgres::Row;

use super::{Session, row};
use crate::{NewRefund, Result};

macro_rules! select_refund {
    ($rest:literal) => {
        concat!("select id, purchase_id, reference, amount, net, created_at from refunds ", $rest)
    };
}

pub(super) const OF_PURCHASE: &str = select_refund!("where purchase_id = $1 order by id");
pub(super) const BY_ID: &str = select_refund!("where id = $1");
pub(super) const BY_REFERENCE: &str = select_refund!("where reference = $1");
pub(super) const SCAN: &str = select_refund!("where id > $1 order by id limit $2");
pub(super) const INSERT: &str = "\
insert into refunds (purchase_id, reference, amount, net, reversed, created_at) values ($1, $2, $3, $4, $5, $6)
returning id";
pub(super) const SET_REFUNDED: &str = "update purchases set refunded = $2 where id = $1";

impl Session<'_> {
    pub(crate) async fn refunds(&mut self, purchase: PurchaseId) -> Result<Vec<Refund>> {
        self.open.rows(OF_PURCHASE, &[&purchase.get()], refund).await
    }

    pub(crate) async fn refund(&mut self, id: RefundId) -> Result<Option<Refund>> {
        self.open.row(BY_ID, &[&id.get()], refund).await
    }

    pub(crate) async fn refund_by_reference(&mut self, reference: &Reference) -> Result<Option<Refund>> {
        self.open.row(BY_REFERENCE, &[&reference.as_str()], refund).await
    }

    pub(crate) async fn scan_refunds(&mut self, after: RefundId, limit: usize) -> Result<Vec<Refund>> {
        self.open.rows(SCAN, &[&after.get(), &row::limit(limit)], refund).await
    }

    pub(crate) async fn insert_refund(&mut self, new: &NewRefund) -> Result<RefundId> {
        let id = self
            .open
            .insert(
                INSERT,
                &[
                    &new.purchase.get(),
                    &new.reference.as_ref().map(Reference::as_str),
                    &new.amount.paise(),
                    &new.net.paise(),
                    &new.reversed.paise(),
                    &new.created_at.millis(),
                ],
            )
            .await?;
        Ok(RefundId::new(id))
    }

    pub(crate) async fn set_refunded(&mut self, purchase: PurchaseId, refunded: Money) -> Result<()> {
        self.open.change(SET_REFUNDED, &[&purchase.get(), &refunded.paise()]).await.map(drop)
    }
}

fn refund(found: &Row) -> Result<Refund> {
    Ok(Refund {
        id: RefundId::new(row::get(found, 0)?),
        purchase: PurchaseId::new(row::get(found, 1)?),
        reference: row::parse_option(found, 2, ("refunds", "reference"))?,
        amount: row::money(found, 3)?,
        net: row::money(found, 4)?,
        created_at: row::time(found, 5)?,
    })
}
