//! Corrections by an admin.

use domain::{Adjustment, AdjustmentId, Reason, Reference};
use tokio_postgres::Row;

use super::{Session, row};
use crate::{NewAdjustment, Result};

macro_rules! select_adjustment {
    ($rest:literal) => {
        concat!("select id, user_id, amount, reason, reference, created_at from adjustments ", $rest)
    };
}

pub(super) const BY_ID: &str = select_adjustment!("where id = $1");
pub(super) const BY_REFERENCE: &str = select_adjustment!("where reference = $1");
pub(super) const SCAN: &str = select_adjustment!("where id > $1 order by id limit $2");
pub(super) const INSERT: &str = "\
insert into adjustments (user_id, amount, reason, reference, created_at) values ($1, $2, $3, $4, $5) returning id";

impl Session<'_> {
    pub(crate) async fn adjustment(&mut self, id: AdjustmentId) -> Result<Option<Adjustment>> {
        self.open.row(BY_ID, &[&id.get()], adjustment).await
    }

    pub(crate) async fn adjustment_by_reference(
        &mut self,
        reference: &Reference,
    ) -> Result<Option<Adjustment>> {
        self.open.row(BY_REFERENCE, &[&reference.as_str()], adjustment).await
    }

    pub(crate) async fn scan_adjustments(
        &mut self,
        after: AdjustmentId,
        limit: usize,
    ) -> Result<Vec<Adjustment>> {
        self.open.rows(SCAN, &[&after.get(), &row::limit(limit)], adjustment).await
    }

    pub(crate) async fn insert_adjustment(&mut self, new: &NewAdjustment) -> Result<AdjustmentId> {
        let reference = new.reference.as_ref().map(Reference::as_str);
        let (user, amount, at) = (new.user.get(), new.amount.paise(), new.created_at.millis());
        let id = self.open.insert(INSERT, &[&user, &amount, &new.reason.as_str(), &reference, &at]).await?;
        Ok(AdjustmentId::new(id))
    }
}

fn adjustment(found: &Row) -> Result<Adjustment> {
    Ok(Adjustment {
        id: AdjustmentId::new(row::get(found, 0)?),
        user: row::user(found, 1)?,
        amount: row::money(found, 2)?,
        reason: row::stored(found, 3, ("adjustments", "reason"), Reason::stored)?,
        reference: row::parse_option(found, 4, ("adjustments", "reference"))?,
        created_at: row::time(found, 5)?,
    })
}
