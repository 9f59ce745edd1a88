//! One transaction on one connection.

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

/// A read transaction. Everything it reads is of one moment.
pub(super) struct Look<'c>(pub(super) &'c mut Connection);

impl<'c> Look<'c> {
    pub(super) fn begin(conn: &'c mut Connection) -> Result<Self> {
        begin_to_look(conn)?;
        Ok(Self(conn))
    }
}

impl Drop for Look<'_> {
    fn drop(&mut self) {
        end_look(self.0);
    }
}

/// The statements are kept prepared: for a short look, parsing them would cost
/// as much as a row.
pub(super) fn begin_to_look(conn: &Connection) -> Result<()> {
    conn.prepare_cached("begin")?.execute([])?;
    Ok(())
}

/// A connection that cannot even roll back says so when it is used next.
pub(super) fn end_look(conn: &Connection) {
    drop(conn.prepare_cached("rollback").and_then(|mut end| end.execute([])));
}
