//! The tree, and who was active when, in memory: everybody has a place, and a
//! member's place is after her referrer's.

use domain::{PurchaseId, UserId};
use store::Snapshot;

/// Members read at a time.
const PAGE: usize = 5_000;

/// Everybody, in the order of their ids.
#[derive(Default)]
pub(super) struct People {
    ids: Vec<UserId>,
    referrers: Vec<Option<u32>>,
    /// All changes, member by member; each begins with `first_change`.
    changes: Vec<Change>,
    first_change: Vec<usize>,
}

/// What a member became, and the first purchase that read it.
struct Change {
    from: PurchaseId,
    active: bool,
}

/// How much of the past has to be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Activity {
    /// Every level that is asked about was decided once, and the purchase says
    /// who was active.
    AsDecided,
    /// Some level was never decided.
    AlsoByMember,
}

impl People {
    pub(super) async fn load(view: &mut Snapshot<'_>, activity: Activity) -> store::Result<Self> {
        let mut people = Self::default();
        let mut last = UserId::new(0);
        loop {
            let page = view.scan_members(last, PAGE).await?;
            let changes = match activity {
                Activity::AsDecided => vec![],
                Activity::AlsoByMember => view.scan_activity(last, PAGE).await?,
            };
            let Some(newest) = page.last() else { break };
            last = newest.user.id;
            let mut changes = changes.into_iter().peekable();
            for member in page {
                let referrer = member.user.referrer.map(|id| people.place(id)).transpose()?;
                people.ids.push(member.user.id);
                people.referrers.push(referrer.and_then(|place| u32::try_from(place).ok()));
                people.first_change.push(people.changes.len());
                while let Some(change) = changes.next_if(|change| change.user == member.user.id) {
                    people.changes.push(Change { from: change.from, active: change.active });
                }
            }
        }
        Ok(people)
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.ids.len()
    }

    pub(super) fn id(&self, place: usize) -> UserId {
        self.ids[place]
    }

    /// Where a member stands. Ids follow each other but for gaps.
    pub(super) fn place(&self, id: UserId) -> store::Result<usize> {
        let guess = usize::try_from(id.get().wrapping_sub(1)).unwrap_or(usize::MAX);
        if self.ids.get(guess) == Some(&id) {
            return Ok(guess);
        }
        let missing = |_| store::Error::Inconsistent { table: "users", column: "id", value: id.to_string() };
        self.ids.binary_search(&id).map_err(missing)
    }

    /// The places of the chain of referrers above a place, nearest first.
    pub(super) fn upline(&self, place: usize) -> impl Iterator<Item = usize> {
        let referrer = |place: &usize| self.referrers[*place].map(|place| place as usize);
        std::iter::successors(referrer(&place), move |place| referrer(place))
    }

    /// Whether a member was active when this purchase was recorded; everybody
    /// is from the start.
    pub(super) fn was_active(&self, place: usize, purchase: PurchaseId) -> bool {
        let end = self.first_change.get(place + 1).copied().unwrap_or(self.changes.len());
        let changes = &self.changes[self.first_change[place]..end];
        changes.iter().rfind(|change| change.from <= purchase).is_none_or(|change| change.active)
    }
}
