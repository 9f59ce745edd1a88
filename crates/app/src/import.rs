//! Bringing in members and purchases from elsewhere, by the thousand.
//!
//! Everything is looked at before anything is written. Then it is written chunk
//! by chunk, each whole or not at all. What is there already is left alone, so
//! an import that broke off can be run again, and so can one that grew.

mod purchases;
mod users;

use domain::{Email, Timestamp};
use serde_json::json;
use store::Tx;

pub use purchases::{ImportedPurchase, PurchaseImport, PurchaseRefusal};
pub use users::{ImportedUser, UserImport, UserRefusal};

use crate::audit::{self, Action};
use crate::calendar::instant;
use crate::{App, Caller, Denied};

/// Rows that are looked at, or written in one transaction, at a time.
pub const CHUNK: usize = 2_000;

/// The most rows that are written in one transaction while nobody else writes.
pub const CHUNK_MAX: usize = 16 * CHUNK;

/// How many rows to write in one transaction.
///
/// The more of them, the fewer pages are written twice; but whoever else writes
/// to the same data waits for all of them. So they are few while somebody does,
/// and more and more while nobody does.
#[derive(Debug)]
pub struct Pace {
    rows: usize,
    seen: i64,
}

impl Pace {
    /// A slow start.
    pub async fn new(app: &App) -> store::Result<Self> {
        Ok(Self { rows: CHUNK, seen: app.store.outside_version().await? })
    }

    /// How many rows come next.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Looks whether somebody else has written meanwhile.
    pub async fn look(&mut self, app: &App) -> store::Result<()> {
        let seen = app.store.outside_version().await?;
        self.rows = if seen == self.seen { (2 * self.rows).min(CHUNK_MAX) } else { CHUNK };
        self.seen = seen;
        Ok(())
    }
}

/// Somebody or something to bring in, and the line it was read from.
#[derive(Clone, Debug)]
pub struct Row<T> {
    /// The line of the file.
    pub line: u64,
    /// What stands there.
    pub new: T,
}

/// Whether there is something to do about a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is to be written.
    New,
    /// It was written before, just as it stands here.
    AlreadyThere,
}

/// What was found of a row that can be brought in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Whether it is to be written.
    pub standing: Standing,
    /// What somebody should look at before.
    pub warning: Option<Warning>,
}

impl From<Standing> for Found {
    fn from(standing: Standing) -> Self {
        Self { standing, warning: None }
    }
}

/// What can be, though it hardly ever is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Warning {
    /// The sale was made before its buyer joined, which was then.
    #[error("the sale was made before {0} joined, which was {at}", at = instant(*.1))]
    SoldBeforeBuyerJoined(Email, Timestamp),
    /// The member joined before her referrer did, which was then.
    #[error("she joined before her referrer {0} did, which was {at}", at = instant(*.1))]
    JoinedBeforeReferrer(Email, Timestamp),
}

/// What became of some rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many were, or are to be, written.
    pub new: u64,
    /// How many were there before.
    pub already_there: u64,
}

impl Tally {
    /// Counts one more.
    pub fn count(&mut self, standing: Standing) {
        match standing {
            Standing::New => self.new += 1,
            Standing::AlreadyThere => self.already_there += 1,
        }
    }

    /// Counts what was counted elsewhere, too.
    pub fn add(&mut self, other: Self) {
        self.new += other.new;
        self.already_there += other.already_there;
    }
}

/// Where rows come from, for the audit trail.
#[derive(Clone, Debug)]
pub struct Provenance {
    /// The name of the file.
    pub file: String,
    /// What was found when all of it was looked at.
    pub found: Tally,
}

/// Why a chunk was not written. No part of it was.
#[derive(Debug, thiserror::Error)]
pub enum ImportError<R: std::error::Error> {
    /// The caller may not import.
    #[error(transparent)]
    Denied(#[from] Denied),
    /// A row does not fit what was written since it was looked at.
    #[error("line {line}: {refusal}")]
    Row {
        /// The line it stands in.
        line: u64,
        /// Why not.
        refusal: R,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// Notes the import in the transaction of its first chunk that writes something:
/// nothing is ever brought in without a trace, however the import ends.
async fn note(
    tx: &mut Tx<'_>,
    caller: &Caller,
    now: Timestamp,
    subject: &str,
    from: &Provenance,
) -> store::Result<()> {
    let Provenance { file, found } = from;
    let detail = json!({"file": file, "new": found.new, "already_there": found.already_there});
    audit::note(tx, caller, now, Action::Import, subject, detail).await
}
