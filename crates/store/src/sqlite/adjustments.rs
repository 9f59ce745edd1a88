//! Corrections by an admin.

use domain::{Adjustment, AdjustmentId, Reason, Reference};
use rusqlite::{Row, params};

use super::{Session, row};
use crate::{NewAdjustment, Result};

macro_rules! select_adjustment {
    ($rest:literal) => {
        concat!("select id, user_id, amount, reason, reference, created_at from adjustments ", $rest)
    };
}

pub(super) const BY_ID: &str = select_adjustment!("where id = ?1");
pub(super) const BY_REFERENCE: &str = select_adjustment!("where reference = ?1");
pub(super) const SCAN: &str = select_adjustment!("where id > ?1 order by id limit ?2");
pub(super) const INSERT: &str = "\
insert into adjustments (user_id, amount, reason, reference, created_at) values (?1, ?2, ?3, ?4, ?5) returning id";

impl Session<'_> {
    pub(crate) fn adjustment(&mut self, id: AdjustmentId) -> Result<Option<Adjustment>> {
        self.conn.prepare_cached(BY_ID)?.query_and_then([id.get()], adjustment)?.next().transpose()
    }

    pub(crate) fn adjustment_by_reference(&mut self, reference: &Reference) -> Result<Option<Adjustment>> {
        let mut statement = self.conn.prepare_cached(BY_REFERENCE)?;
        statement.query_and_then([reference.as_str()], adjustment)?.next().transpose()
    }

    pub(crate) fn scan_adjustments(&mut self, after: AdjustmentId, limit: usize) -> Result<Vec<Adjustment>> {
        let values = [after.get(), row::limit(limit)];
        self.conn.prepare_cached(SCAN)?.query_and_then(values, adjustment)?.collect()
    }

    pub(crate) fn insert_adjustment(&mut self, new: &NewAdjustment) -> Result<AdjustmentId> {
        let values = params![
            new.user.get(),
            new.amount.paise(),
            new.reason.as_str(),
            new.reference.as_ref().map(Reference::as_str),
            new.created_at.millis(),
        ];
        let id = self.conn.prepare_cached(INSERT)?.query_row(values, |row| row.get(0))?;
        Ok(AdjustmentId::new(id))
    }
}

fn adjustment(found: &Row<'_>) -> Result<Adjustment> {
    Ok(Adjustment {
        id: AdjustmentId::new(row::get(found, 0)?),
        user: row::user(found, 1)?,
        amount: row::money(found, 2)?,
        reason: row::stored(found, 3, ("adjustments", "reason"), Reason::stored)?,
        reference: row::parse_option(found, 4, ("adjustments", "reference"))?,
        created_at: row::time(found, 5)?,
    })
}
