//! Addresses that were registered before they were compared as they are seen.

use domain::{Email, UserId};
use tokio_postgres::Row;

use super::{Session, row};
use crate::Result;

pub(super) const DUE: &str = "\
select u.id, u.email from compared_addresses c join users u on u.id = c.user_id
where c.compared is null and c.taken_by is null order by u.id";
pub(super) const COMPARE: &str = "update compared_addresses set compared = $2 where user_id = $1";
pub(super) const YIELD: &str = "update compared_addresses set taken_by = $2 where user_id = $1";
pub(super) const YIELDED: &str = "\
select user_id, taken_by from compared_addresses where taken_by is not null order by user_id";

impl Session<'_> {
    pub(crate) async fn addresses_due(&mut self) -> Result<Vec<(UserId, Email)>> {
        let address = |found: &Row| {
            Ok((row::user(found, 0)?, row::stored(found, 1, ("users", "email"), Email::stored)?))
        };
        self.open.rows(DUE, &[], address).await
    }

    pub(crate) async fn compare_address(&mut self, user: UserId, email: &Email) -> Result<()> {
        self.open.change(COMPARE, &[&user.get(), &email.compared()]).await.map(drop)
    }

    pub(crate) async fn yield_address(&mut self, user: UserId, to: UserId) -> Result<()> {
        self.open.change(YIELD, &[&user.get(), &to.get()]).await.map(drop)
    }

    pub(crate) async fn yielded_addresses(&mut self) -> Result<Vec<(UserId, UserId)>> {
        let pair = |found: &Row| Ok((row::user(found, 0)?, row::user(found, 1)?));
        self.open.rows(YIELDED, &[], pair).await
    }
}

#[cfg(test)]
mod tests {
    use crate::addresses::tests::{BEFORE, PEOPLE, everybody_stays_and_is_found_as_she_is_seen};
    use crate::postgres::cluster::{Isolation, cluster};
    use crate::postgres::migrate;
    use crate::{Database, Store};

    #[tokio::test(flavor = "multi_thread")]
    async fn addresses_of_earlier_releases_stay_and_are_found_as_they_are_seen() {
        let Some(cluster) = cluster() else { return };
        let scratch = cluster.database(Isolation::ReadCommitted);
        let url = scratch.url.parse().unwrap();
        migrate::tests::to(&url, BEFORE, PEOPLE).await;
        let database = Database::Postgres(url);
        everybody_stays_and_is_found_as_she_is_seen(&Store::open(&database).await.unwrap()).await;
        everybody_stays_and_is_found_as_she_is_seen(&Store::open(&database).await.unwrap()).await;
    }
}
