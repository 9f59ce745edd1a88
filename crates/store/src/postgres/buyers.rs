//! Buyers that this node has read before. A name and an upline never change, so
//! whoever buys again need not be looked up again.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::UserId;

use crate::Buyer;

/// Buyers to remember, some 200 bytes each; with one more, it begins anew.
const KNOWN_MAX: usize = 100_000;

#[derive(Debug, Default)]
pub(super) struct Buyers {
    /// Everybody known, with how many levels of her upline were read.
    all: Mutex<HashMap<UserId, (Buyer, usize)>>,
    forgotten: AtomicU64,
}

impl Buyers {
    /// Those of these who are known, with so many levels of their uplines, and
    /// who is left.
    pub(super) fn known(&self, ids: &[UserId], depth: usize) -> (HashMap<UserId, Buyer>, Vec<UserId>) {
        let all = self.all();
        let (mut known, mut left) = (HashMap::with_capacity(ids.len()), Vec::new());
        for id in ids {
            match all.get(id) {
                // An upline that is shorter ends with a member without referrer.
                Some((buyer, read)) if *read >= depth || buyer.upline.len() < *read => {
                    let upline = buyer.upline.iter().copied().take(depth).collect();
                    known.insert(*id, Buyer { name: buyer.name.clone(), upline });
                }
                _ => left.push(*id),
            }
        }
        (known, left)
    }

    /// Remembers buyers who were read with so many levels of their uplines.
    pub(super) fn remember(&self, buyers: &[(UserId, Buyer)], depth: usize) {
        let mut all = self.all();
        if all.len() + buyers.len() > KNOWN_MAX {
            all.clear();
        }
        all.extend(buyers.iter().take(KNOWN_MAX).map(|(id, buyer)| (*id, (buyer.clone(), depth))));
    }

    /// Forgets everybody.
    pub(super) fn forget(&self) {
        self.forgotten.fetch_add(1, Ordering::AcqRel);
        self.all().clear();
    }

    /// How often everybody was forgotten.
    pub(super) fn forgotten(&self) -> u64 {
        self.forgotten.load(Ordering::Acquire)
    }

    fn all(&self) -> MutexGuard<'_, HashMap<UserId, (Buyer, usize)>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
