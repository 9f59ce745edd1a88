//! How busy a database is, as far as this process can tell without asking it.

/// What is open, and what waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Load {
    /// The embedded engine.
    Sqlite {
        /// Purchases that are on disk and not entered in the books yet.
        unposted_purchases: usize,
        /// What its files take, in bytes.
        bytes: u64,
    },
    /// The connections of this process to PostgreSQL.
    Postgres {
        /// Those that somebody works with.
        used: usize,
        /// Those that nobody works with.
        idle: usize,
        /// As many as there may be.
        most: usize,
        /// Those who wait for one.
        waiting: usize,
    },
}
