//! Addresses that were registered before they were compared as they are seen.

use domain::{Email, UserId};
use rusqlite::{Row, params};

use super::{Session, row};
use crate::Result;

pub(super) const DUE: &str = "\
select u.id, u.email from compared_addresses c join users u on u.id = c.user_id
where c.compared is null and c.taken_by is null order by u.id";
pub(super) const COMPARE: &str = "update compared_addresses set compared = ?2 where user_id = ?1";
pub(super) const YIELD: &str = "update compared_addresses set taken_by = ?2 where user_id = ?1";
pub(super) const YIELDED: &str = "\
select user_id, taken_by from compared_addresses where taken_by is not null order by user_id";

impl Session<'_> {
    pub(crate) fn addresses_due(&mut self) -> Result<Vec<(UserId, Email)>> {
        let mut due = self.conn.prepare(DUE)?;
        let address = |found: &Row<'_>| {
            Ok((row::user(found, 0)?, row::stored(found, 1, ("users", "email"), Email::stored)?))
        };
        due.query_and_then([], address)?.collect()
    }

    pub(crate) fn compare_address(&mut self, user: UserId, email: &Email) -> Result<()> {
        self.conn.prepare_cached(COMPARE)?.execute(params![user.get(), email.compared()])?;
        Ok(())
    }

    pub(crate) fn yield_address(&mut self, user: UserId, to: UserId) -> Result<()> {
        self.conn.prepare_cached(YIELD)?.execute([user.get(), to.get()])?;
        Ok(())
    }

    pub(crate) fn yielded_addresses(&mut self) -> Result<Vec<(UserId, UserId)>> {
        let pair = |found: &Row<'_>| Ok((row::user(found, 0)?, row::user(found, 1)?));
        self.conn.prepare(YIELDED)?.query_and_then([], pair)?.collect()
    }
}

#[cfg(test)]
mod tests {
    use crate::addresses::tests::{BEFORE, PEOPLE, everybody_stays_and_is_found_as_she_is_seen};
    use crate::sqlite::connect;
    use crate::{Database, Store};

    #[tokio::test]
    async fn addresses_of_earlier_releases_stay_and_are_found_as_they_are_seen() {
        let directory = tempfile::tempdir().unwrap();
        let mut conn = connect::writer(&connect::path_in(directory.path())).unwrap();
        connect::migrate_to(&mut conn, BEFORE);
        conn.execute_batch(PEOPLE).unwrap();
        drop(conn);
        let database = Database::Sqlite(directory.path().to_owned());
        everybody_stays_and_is_found_as_she_is_seen(&Store::open(&database).await.unwrap()).await;
        everybody_stays_and_is_found_as_she_is_seen(&Store::open(&database).await.unwrap()).await;
    }
}
