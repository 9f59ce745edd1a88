//! What was changed by hand.

use tokio_postgres::Row;

use super::{Session, row};
use crate::{AuditEvent, NumberedAuditEvent, Result};

pub(super) const PAGE: &str = "\
select id, actor, action, subject, detail, created_at from audit where id < $1 order by id desc limit $2";
pub(super) const SCAN: &str = "\
select id, actor, action, subject, detail, created_at from audit where id > $1 order by id limit $2";
pub(super) const INSERT: &str = "\
insert into audit (actor, action, subject, detail, created_at) values ($1, $2, $3, $4, $5)";

impl Session<'_> {
    pub(crate) async fn audit_page(
        &mut self,
        before: Option<i64>,
        limit: usize,
    ) -> Result<Vec<NumberedAuditEvent>> {
        self.open.rows(PAGE, &[&before.unwrap_or(i64::MAX), &row::limit(limit)], event).await
    }

    pub(crate) async fn scan_audit(&mut self, after: i64, limit: usize) -> Result<Vec<NumberedAuditEvent>> {
        self.open.rows(SCAN, &[&after, &row::limit(limit)], event).await
    }

    pub(crate) async fn append_audit(&mut self, event: &AuditEvent) -> Result<()> {
        let AuditEvent { actor, action, subject, detail, at } = event;
        self.open.change(INSERT, &[actor, action, subject, detail, &at.millis()]).await.map(drop)
    }
}

fn event(found: &Row) -> Result<NumberedAuditEvent> {
    let event = AuditEvent {
        actor: row::get(found, 1)?,
        action: row::get(found, 2)?,
        subject: row::get(found, 3)?,
        detail: row::get(found, 4)?,
        at: row::time(found, 5)?,
    };
    Ok((row::get(found, 0)?, event))
}
