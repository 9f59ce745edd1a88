//! Sessions.

use domain::{SessionId, Timestamp, UserId};
use rusqlite::{Row, params};

use super::{Session, row};
use crate::{NewSession, Result};

/// Each new one takes some that are over along, so that the table stays small.
pub(super) const FORGET: &str = "\
delete from sessions where id in (select id from sessions where expires_at <= ?1 order by expires_at limit 10)";
pub(super) const INSERT: &str = "\
insert into sessions (id, user_id, made_by, made_at, expires_at) values (?1, ?2, ?3, ?4, ?5)";
pub(super) const END: &str = "update sessions set ended_at = ?2 where id = ?1 and ended_at is null";
pub(super) const END_OF: &str =
    "update sessions set ended_at = ?2 where user_id is ?1 and ended_at is null returning id";
pub(super) const ENDED_SINCE: &str = "select id from sessions where ended_at >= ?1";

impl Session<'_> {
    pub(crate) fn sessions_ended_since(&mut self, at: Timestamp) -> Result<Vec<SessionId>> {
        self.conn.prepare_cached(ENDED_SINCE)?.query_and_then([at.millis()], id)?.collect()
    }

    pub(crate) fn insert_session(&mut self, session: &NewSession) -> Result<()> {
        let NewSession { id, user, made_by, made_at, expires_at } = session;
        self.conn.prepare_cached(FORGET)?.execute([made_at.millis()])?;
        let values = params![
            id.to_string(),
            user.map(UserId::get),
            made_by.name(),
            made_at.millis(),
            expires_at.millis()
        ];
        self.conn.prepare_cached(INSERT)?.execute(values)?;
        Ok(())
    }

    pub(crate) fn end_session(&mut self, id: SessionId, at: Timestamp) -> Result<bool> {
        Ok(self.conn.prepare_cached(END)?.execute(params![id.to_string(), at.millis()])? == 1)
    }

    pub(crate) fn end_sessions_of(&mut self, user: Option<UserId>, at: Timestamp) -> Result<Vec<SessionId>> {
        let values = params![user.map(UserId::get), at.millis()];
        self.conn.prepare_cached(END_OF)?.query_and_then(values, id)?.collect()
    }
}

fn id(found: &Row<'_>) -> Result<SessionId> {
    row::parse(found, 0, ("sessions", "id"))
}
