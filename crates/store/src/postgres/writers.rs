//! Who writes. A writer runs one transaction at a time and counts its commits in
//! a row of its own, in the same transaction.
//!
//! That makes a lost connection harmless: whether the commit happened is read
//! from the row, and the row is moved on so that a commit which was held up on
//! its way is refused when it arrives. And a node that adds up the rows of all
//! others sees when they have written.

use tokio_postgres::types::ToSql;

use super::connect::Object;

pub(super) const NEW: &str = "insert into writers default values returning id";
pub(super) const COUNT: &str = "\
update writers set commits = case when commits = $2::bigint then $2::bigint + 1 end where id = $1";
pub(super) const SETTLE: &str = "\
update writers set commits = case when commits = $2::bigint + 1 then commits else $2::bigint + 2 end
where id = $1 returning commits";
pub(super) const SUM_OF_OTHERS: &str = "\
select coalesce(sum(commits), 0)::bigint from writers where id <> all ($1)";

/// A row of `writers` and the number that stands in it.
#[derive(Debug)]
pub(super) struct Writer {
    pub(super) id: i64,
    commits: i64,
}

impl Writer {
    /// Makes a row for a new writer.
    pub(super) async fn new(client: &Object) -> Result<Self, tokio_postgres::Error> {
        let statement = client.prepare_cached(NEW).await?;
        let id = client.query_one(&statement, &[]).await?.try_get(0)?;
        Ok(Self { id, commits: 0 })
    }

    /// What [`COUNT`] is told.
    pub(super) fn row(&self) -> [&(dyn ToSql + Sync); 2] {
        [&self.id, &self.commits]
    }

    /// The commit happened.
    pub(super) fn committed(&mut self) {
        self.commits += 1;
    }

    /// Whether the transaction whose connection was lost has committed. This
    /// waits for one that is still at it. Whatever the answer, it cannot commit
    /// any more, and asking twice answers the same.
    pub(super) async fn settle(&mut self, client: &Object) -> Result<bool, tokio_postgres::Error> {
        let settle = client.prepare_cached(SETTLE).await?;
        let found: i64 = client.query_one(&settle, &[&self.id, &self.commits]).await?.try_get(0)?;
        let committed = found == self.commits + 1;
        self.commits = found;
        Ok(committed)
    }
}

/// The commits of everybody but these.
pub(super) async fn commits_of_others(client: &Object, own: &[i64]) -> Result<i64, tokio_postgres::Error> {
    let statement = client.prepare_cached(SUM_OF_OTHERS).await?;
    client.query_one(&statement, &[&own]).await?.try_get(0)
}
