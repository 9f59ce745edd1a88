//! The times of a line and of a purchase, as the columns that keep them: what
//! equals the time before it is null, as it is for nearly all of them.

use domain::{Entry, EntryTimes, Purchase, Timestamp};

/// The times of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LineTimes {
    pub(crate) occurred_at: i64,
    /// Null where it equals `occurred_at` and the line is not late.
    pub(crate) booked_at: Option<i64>,
    /// Null where the line is not late.
    pub(crate) booked_through: Option<i64>,
    pub(crate) matures_at: Option<i64>,
}

impl LineTimes {
    pub(crate) fn of(entry: &Entry) -> Self {
        let EntryTimes { occurred_at, booked_at, matures_at } = entry.times;
        let is_late = entry.is_late();
        Self {
            occurred_at: occurred_at.millis(),
            booked_at: (is_late || booked_at != occurred_at).then_some(booked_at.millis()),
            booked_through: is_late.then_some(entry.booked_through.millis()),
            matures_at: matures_at.map(Timestamp::millis),
        }
    }

    /// The times, and up to which time its ledger was booked.
    pub(crate) fn decode(self) -> (EntryTimes, Timestamp) {
        let booked_at = self.booked_at.unwrap_or(self.occurred_at);
        let times = EntryTimes {
            occurred_at: Timestamp::from_millis(self.occurred_at),
            booked_at: Timestamp::from_millis(booked_at),
            matures_at: self.matures_at.map(Timestamp::from_millis),
        };
        (times, Timestamp::from_millis(self.booked_through.unwrap_or(booked_at)))
    }
}

/// The times of a purchase that can differ from when it was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SaleTimes {
    pub(crate) booked_at: Option<i64>,
    pub(crate) recorded_at: Option<i64>,
}

impl SaleTimes {
    pub(crate) fn of(purchase: &Purchase) -> Self {
        let other = |time: Timestamp| (time != purchase.occurred_at).then_some(time.millis());
        Self { booked_at: other(purchase.booked_at), recorded_at: other(purchase.recorded_at) }
    }

    /// When a purchase that was made at this time was booked, and when it was recorded.
    pub(crate) fn decode(self, occurred_at: Timestamp) -> (Timestamp, Timestamp) {
        let or_then = |millis: Option<i64>| millis.map_or(occurred_at, Timestamp::from_millis);
        (or_then(self.booked_at), or_then(self.recorded_at))
    }
}
