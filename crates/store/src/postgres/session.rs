//! Whether a connection is one session of a database that can be written, as
//! everything here takes for granted.

use std::sync::Arc;

use tokio::time::{Instant, timeout_at};
use tokio_postgres::SimpleQueryMessage;

use super::buyers::Buyers;
use super::connect::{self, Pool};
use super::fault;
use super::transaction::{Purpose, Transaction};
use crate::{Ailment, Error, Result};

/// Asked by the simple protocol, for which nothing has to be prepared.
pub(super) const SESSION: &str = "select pg_backend_pid(), current_setting('transaction_read_only')";

/// What is wrong with the sessions of this pool.
///
/// A pooler of transactions is known by what it does: while one connection keeps its
/// session in a transaction, another had that session before, or has lost its own.
pub(super) async fn ailments(pool: &Pool, buyers: &Arc<Buyers>, deadline: Instant) -> Result<Vec<Ailment>> {
    let one = connect::connection(pool, deadline).await?;
    let other = connect::connection(pool, deadline).await?;
    let of_one = async || {
        let asked = timeout_at(deadline, one.simple_query(SESSION)).await;
        asked.map_err(|_| Error::Away("no answer came in time".into()))?.map_err(|error| fault::of(error).1)
    };
    let (before, read_only) = session(&of_one().await?)?;
    let mut open = Transaction::begin(other, Purpose::Read, buyers).await?;
    let (beside, _) = session(&open.simple(SESSION).await?)?;
    let pooled = beside == before || session(&of_one().await?)?.0 != before;
    let found = [(read_only, Ailment::ReadOnly), (pooled, Ailment::PooledTransactions)];
    Ok(found.into_iter().filter_map(|(is_so, ailment)| is_so.then_some(ailment)).collect())
}

/// Which session answered, and whether it only reads.
fn session(answer: &[SimpleQueryMessage]) -> Result<(String, bool)> {
    let row = answer.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => Some((row.get(0)?.to_owned(), row.get(1)? == "on")),
        _ => None,
    });
    row.ok_or_else(|| Error::Engine("a session does not say which one it is".into()))
}
