//! When the next request is sent.
//!
//! In a closed loop a slow server is asked less, and the requests that would
//! have met it while it was slow are never sent: its latency looks better than
//! a user would see it. In an open loop requests are due at fixed times,
//! whatever became of those before, and latency counts from then.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;

/// How the connections of one run take turns.
#[derive(Clone)]
pub(crate) enum Pace {
    /// The next when the last is answered, until then.
    Until(Instant),
    /// The next when the last is answered, until so many were sent.
    Count(Arc<AtomicUsize>),
    /// Each when it is due.
    Due(Arc<Schedule>),
}

/// Requests that are due at fixed times.
pub(crate) struct Schedule {
    started: Instant,
    per_second: f64,
    count: usize,
    taken: AtomicUsize,
    due: Semaphore,
}

impl Pace {
    pub(crate) fn closed(length: Duration) -> Self {
        Self::Until(Instant::now() + length)
    }

    pub(crate) fn count(requests: usize) -> Self {
        Self::Count(Arc::new(AtomicUsize::new(requests)))
    }

    /// So many a second from now on, for whoever of so many connections is free.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a whole number of requests")]
    pub(crate) fn open(per_second: f64, length: Duration, connections: usize) -> Self {
        let schedule = Arc::new(Schedule {
            started: Instant::now(),
            per_second,
            count: (per_second * length.as_secs_f64()) as usize,
            taken: AtomicUsize::new(0),
            due: Semaphore::new(0),
        });
        // A thread, because the runtime's clock goes by whole milliseconds.
        thread::spawn({
            let schedule = Arc::clone(&schedule);
            move || schedule.run(connections)
        });
        Self::Due(schedule)
    }

    /// Waits for the next turn; answers since when it is due, or nothing when
    /// there is no more.
    pub(crate) async fn next(&self) -> Option<Instant> {
        match self {
            Self::Until(end) => Some(Instant::now()).filter(|now| now < end),
            Self::Count(left) => {
                let one_less = |left: usize| left.checked_sub(1);
                let took = left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less);
                took.ok().map(|_| Instant::now())
            }
            Self::Due(schedule) => schedule.next().await,
        }
    }
}

impl Schedule {
    fn run(&self, connections: usize) {
        let mut released = 0;
        while released < self.count {
            let now = Instant::now();
            let first = released;
            while released < self.count && self.at(released) <= now {
                released += 1;
            }
            self.due.add_permits(released - first);
            if released < self.count {
                thread::sleep(self.at(released).saturating_duration_since(Instant::now()));
            }
        }
        // One more for each, to see that it is over.
        self.due.add_permits(connections);
    }

    async fn next(&self) -> Option<Instant> {
        self.due.acquire().await.ok()?.forget();
        let number = self.taken.fetch_add(1, Ordering::Relaxed);
        (number < self.count).then(|| self.at(number))
    }

    #[expect(clippy::cast_precision_loss, reason = "fewer than 2^52 requests")]
    fn at(&self, number: usize) -> Instant {
        self.started + Duration::from_secs_f64(number as f64 / self.per_second)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_count_is_kept_among_all() {
        let pace = Pace::count(3);
        let other = pace.clone();
        assert!(pace.next().await.is_some() && other.next().await.is_some() && pace.next().await.is_some());
        assert!(pace.next().await.is_none() && other.next().await.is_none());
    }

    #[tokio::test]
    async fn what_was_held_up_counts_from_when_it_was_due() {
        let pace = Pace::open(100.0, Duration::from_millis(100), 1);
        let first = pace.next().await.unwrap();
        tokio::time::sleep(Duration::from_millis(60)).await;
        let second = pace.next().await.unwrap();
        assert_eq!(second - first, Duration::from_millis(10));
        assert!(second.elapsed() >= Duration::from_millis(50));
        for _ in 2..10 {
            assert!(pace.next().await.is_some());
        }
        assert!(pace.next().await.is_none());
    }
}
