//! What keeps a database from doing all of its work while it answers.

use std::fmt;

/// What is wrong, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ailment {
    /// Its schema is not the one that this release works with.
    OtherSchema,
    /// It can be read and not written.
    ReadOnly,
    /// Something on the way gives each transaction a session of its own.
    PooledTransactions,
    /// The role lacks a right.
    MissingGrant {
        /// What it may not do, in SQL.
        privilege: String,
        /// The table, or `sequence` and its name.
        relation: String,
    },
}

impl Ailment {
    /// What is wrong.
    pub fn what(&self) -> String {
        match self {
            Self::OtherSchema => "another release has migrated the database".into(),
            Self::ReadOnly => "the database takes no writes".into(),
            Self::PooledTransactions => "a pooler on the way to the database pools transactions".into(),
            Self::MissingGrant { privilege, .. } => format!("the database role may not {privilege}"),
        }
    }

    /// What mends it.
    pub fn mend(&self) -> String {
        match self {
            Self::OtherSchema => "run that release".into(),
            Self::ReadOnly => {
                "it is a standby, or read-only by default; name the primary in the address, or all \
                 hosts with commas between them"
                    .into()
            }
            Self::PooledTransactions => {
                "what is set and prepared belongs to a session: have it pool sessions \
                 (PgBouncer: pool_mode = session), or name the database itself in the address"
                    .into()
            }
            Self::MissingGrant { privilege, relation } => format!("grant {privilege} on {relation} to it"),
        }
    }
}

impl fmt::Display for Ailment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.what(), self.mend())
    }
}

impl std::error::Error for Ailment {}
