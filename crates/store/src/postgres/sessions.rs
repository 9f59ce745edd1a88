//! Sessions.

use domain::{SessionId, Timestamp, UserId};
use tokio_postgres::Row;

use super::{Session, row};
use crate::{NewSession, Result};

/// Each new one takes some that are over along, so that the table stays small.
pub(super) const FORGET: &str = "\
delete from sessions where id in (select id from sessions where expires_at <= $1 order by expires_at limit 10)";
pub(super) const INSERT: &str = "\
insert into sessions (id, user_id, made_by, made_at, expires_at) values ($1, $2, $3, $4, $5)";
pub(super) const END: &str = "update sessions set ended_at = $2 where id = $1 and ended_at is null";
pub(super) const END_OF: &str = "\
update sessions set ended_at = $2
where (user_id = $1 or ($1::bigint is null and user_id is null)) and ended_at is null returning id";
pub(super) const ENDED_SINCE: &str = "select id from sessions where ended_at >= $1";

impl Session<'_> {
    pub(crate) async fn sessions_ended_since(&mut self, at: Timestamp) -> Result<Vec<SessionId>> {
        self.open.rows(ENDED_SINCE, &[&at.millis()], id).await
    }

    pub(crate) async fn insert_session(&mut self, session: &NewSession) -> Result<()> {
        let NewSession { id, user, made_by, made_at, expires_at } = session;
        self.open.change_later(FORGET, vec![Box::new(made_at.millis())]);
        let (id, user) = (id.to_string(), user.map(UserId::get));
        let (made_at, expires_at) = (made_at.millis(), expires_at.millis());
        self.open.change(INSERT, &[&id, &user, &made_by.name(), &made_at, &expires_at]).await.map(drop)
    }

    pub(crate) async fn end_session(&mut self, id: SessionId, at: Timestamp) -> Result<bool> {
        Ok(self.open.change(END, &[&id.to_string(), &at.millis()]).await? == 1)
    }

    pub(crate) async fn end_sessions_of(
        &mut self,
        user: Option<UserId>,
        at: Timestamp,
    ) -> Result<Vec<SessionId>> {
        self.open.change_rows(END_OF, &[&user.map(UserId::get), &at.millis()], id).await
    }
}

fn id(found: &Row) -> Result<SessionId> {
    row::parse(found, 0, ("sessions", "id"))
}
