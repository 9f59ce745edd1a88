//! A leaky bucket for each of many: what was put in runs out at a steady pace.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Buckets that are kept before those that are empty are looked for.
const KEPT: usize = 10_000;

/// Buckets of one size.
#[derive(Debug)]
pub(super) struct Buckets<K> {
    holds: u32,
    /// How long one takes to run out.
    every: Duration,
    book: Mutex<Book<K>>,
}

#[derive(Debug)]
struct Book<K> {
    /// When each is empty, if nothing more is put in.
    empty_at: HashMap<K, Instant>,
    /// How many there have to be before the empty ones are thrown away.
    tidy_at: usize,
}

impl<K: Eq + Hash> Buckets<K> {
    /// Buckets that hold so many, of which so many run out in a minute.
    pub(super) fn per_minute(holds: u32, run_out: u32) -> Self {
        Self::new(holds, Duration::from_mins(1) / run_out)
    }

    /// Buckets that hold so many, of which so many run out in an hour.
    pub(super) fn per_hour(holds: u32, run_out: u32) -> Self {
        Self::new(holds, Duration::from_hours(1) / run_out)
    }

    fn new(holds: u32, every: Duration) -> Self {
        Self { holds, every, book: Mutex::new(Book { empty_at: HashMap::new(), tidy_at: KEPT }) }
    }

    /// Puts one in and answers how much is in it now, begun ones included; or, when it
    /// is full, how long it takes until there is room.
    pub(super) fn put(&self, key: K, now: Instant) -> Result<u32, Duration> {
        let mut book = self.book();
        book.tidy(now);
        let empty_at = book.empty_at.entry(key).or_insert(now);
        let filled = (*empty_at).max(now) + self.every;
        let over = filled.duration_since(now).saturating_sub(self.every * self.holds);
        if !over.is_zero() {
            return Err(over);
        }
        *empty_at = filled;
        let level = filled.duration_since(now).as_nanos().div_ceil(self.every.as_nanos());
        Ok(u32::try_from(level).unwrap_or(u32::MAX))
    }

    /// Takes out one that was put in.
    pub(super) fn take_back(&self, key: &K) {
        if let Some(empty_at) = self.book().empty_at.get_mut(key) {
            *empty_at -= self.every;
        }
    }

    fn book(&self) -> MutexGuard<'_, Book<K>> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Eq + Hash> Book<K> {
    /// Throws the empty ones away once there are twice as many as were left last time,
    /// so that each costs as much as to put one in.
    fn tidy(&mut self, now: Instant) {
        if self.empty_at.len() >= self.tidy_at {
            self.empty_at.retain(|_, empty_at| *empty_at > now);
            self.tidy_at = KEPT.max(2 * self.empty_at.len());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_bucket_takes_as_many_as_it_holds_and_then_what_runs_out() {
        let (buckets, now) = (Buckets::per_minute(3, 60), Instant::now());
        let put = |key, now| buckets.put(key, now);
        assert_eq!([1, 2, 3].map(|_| put("a", now)), [Ok(1), Ok(2), Ok(3)]);
        assert_eq!(put("a", now), Err(SECOND));
        assert_eq!(put("b", now), Ok(1), "each has its own");
        assert_eq!(put("a", now + SECOND / 4), Err(SECOND * 3 / 4), "what was refused is not in it");
        assert_eq!(put("a", now + SECOND), Ok(3));
        assert_eq!(put("a", now + 60 * SECOND), Ok(1), "and is empty in the end, never less");
    }

    #[test]
    fn what_is_taken_back_was_never_in_it() {
        let (buckets, now) = (Buckets::per_minute(1, 60), Instant::now());
        for _ in 0..3 {
            assert_eq!(buckets.put("a", now), Ok(1));
            buckets.take_back(&"a");
        }
        assert_eq!((buckets.put("a", now), buckets.put("a", now)), (Ok(1), Err(SECOND)));
    }

    #[test]
    fn empty_buckets_are_thrown_away_and_others_are_kept() {
        let (buckets, now) = (Buckets::per_minute(1, 60), Instant::now());
        for key in 0..KEPT {
            assert_eq!(buckets.put(key, now), Ok(1));
        }
        let later = now + SECOND / 2;
        assert_eq!(buckets.put(KEPT, later), Ok(1));
        assert_eq!(buckets.put(0, later), Err(SECOND / 2));
        assert_eq!(buckets.book().empty_at.len(), KEPT + 1);
        for key in 2 * KEPT..4 * KEPT {
            assert_eq!(buckets.put(key, now + 2 * SECOND), Ok(1));
        }
        let kept = buckets.book().empty_at.len();
        assert!(kept < 3 * KEPT, "{kept}");
    }
}
