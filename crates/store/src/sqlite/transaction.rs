//! One write transaction on one connection.

use rusqlite::Connection;

use crate::Result;

/// A transaction, rolled back unless it is committed.
pub(super) struct Open<'c>(pub(super) &'c mut Connection);

impl<'c> Open<'c> {
    /// Waits until nobody else writes.
    pub(super) fn begin(conn: &'c mut Connection) -> Result<Self> {
        conn.prepare_cached("begin immediate")?.execute([])?;
        Ok(Self(conn))
    }

    pub(super) fn commit(self) -> Result<()> {
        self.0.prepare_cached("commit")?.execute([])?;
        Ok(())
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        if !self.0.is_autocommit() {
            // A connection that cannot even roll back says so when it is used next.
            drop(self.0.execute_batch("rollback"));
        }
    }
}
