//! What keeps a database from doing all of its work while it answers.

/// What is wrong, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Ailment {
    /// Its schema is not the one that this release works with.
    #[error("another release has migrated the database")]
    OtherSchema,
    /// It can be read and not written.
    #[error(
        "the database takes no writes: it is a standby, or read-only by default; \
         name the primary in the address, or all hosts with commas between them"
    )]
    ReadOnly,
    /// Something on the way gives each transaction a session of its own.
    #[error(
        "a pooler on the way to the database pools transactions, and what is set and prepared belongs to a \
         session: have it pool sessions (PgBouncer: pool_mode = session), or name the database itself in the address"
    )]
    PooledTransactions,
    /// The role lacks a right.
    #[error("the database role may not {privilege}: grant {privilege} on {relation} to it")]
    MissingGrant {
        /// What it may not do, in SQL.
        privilege: String,
        /// The table, or `sequence` and its name.
        relation: String,
    },
}
