//! The newest commissions of members, so that each is read from the books once.

use std::sync::Arc;

use domain::{Account, UserId};
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use store::{Commission, Snapshot};

/// Commissions shown with the totals.
const NEWEST: usize = 50;

/// Commissions kept in memory, of those members whose earnings were asked for
/// last: 100 bytes each, 50 MB together.
const KEPT: u64 = 500_000;

/// How many members that may be, for the size of the table.
const MEMBERS: usize = 10_000;

/// What is known of members' newest commissions. A ledger only grows, so this
/// stays right while its history is the same one, and what has come since is what
/// its later lines say.
pub(crate) struct Newest(Cache<UserId, Known, ByCommissions>);

/// The newest commissions of a ledger, newest first, up to a line of a history.
#[derive(Clone, Default)]
struct Known {
    history: u64,
    seq: i64,
    commissions: Arc<[Commission]>,
}

impl Default for Newest {
    fn default() -> Self {
        Self(Cache::with_weighter(MEMBERS, KEPT, ByCommissions))
    }
}

impl Newest {
    /// The newest 50 commissions of an account, newest first.
    pub(crate) async fn of(
        &self,
        account: &Account,
        view: &mut Snapshot<'_>,
    ) -> store::Result<Arc<[Commission]>> {
        let (Account { user, seq, .. }, history) = (account, view.history());
        // Another look may have seen a later line than this one's view has.
        let is_earlier = |known: &Known| known.history == history && known.seq <= *seq;
        let known = self.0.get(user).filter(is_earlier).unwrap_or_default();
        if known.seq == *seq {
            return Ok(known.commissions);
        }
        let newer = view.newest_commissions(*user, known.seq, NEWEST).await?;
        let older = known.commissions.iter().cloned();
        let commissions: Arc<[_]> = newer.into_iter().chain(older).take(NEWEST).collect();
        self.0.insert(*user, Known { history, seq: *seq, commissions: Arc::clone(&commissions) });
        Ok(commissions)
    }
}

#[derive(Clone)]
struct ByCommissions;

impl Weighter<UserId, Known> for ByCommissions {
    fn weight(&self, _: &UserId, known: &Known) -> u64 {
        // What weighs nothing is never dropped.
        known.commissions.len() as u64 + 1
    }
}
