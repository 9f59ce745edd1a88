//! Whether the clock jumps: a sale by a clock that is wrong keeps its time for ever.

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use domain::Timestamp;

use crate::calendar::instant;

/// How far the clock may move more, or less, than time passes, in milliseconds.
const JUMP_MS: i64 = 60_000;

/// How long a jump is told.
const TOLD_FOR: Duration = Duration::from_hours(1);

/// Compares the clock with one that only ever goes on.
#[derive(Debug, Default)]
pub(crate) struct ClockWatch(Mutex<Looks>);

#[derive(Debug, Default)]
struct Looks {
    last: Option<(Timestamp, Instant)>,
    jump: Option<(ClockJump, Instant)>,
}

/// The clock has moved by more than a minute more, or less, than time has passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockJump {
    /// What it would have said.
    pub from: Timestamp,
    /// What it said.
    pub to: Timestamp,
}

impl fmt::Display for ClockJump {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the clock jumped from {} to {}", instant(self.from), instant(self.to))
    }
}

impl ClockWatch {
    /// Looks at both clocks, and answers a jump since the last look.
    pub(crate) fn look(&self, clock: Timestamp, steady: Instant) -> Option<ClockJump> {
        let mut looks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (was, then) = looks.last.replace((clock, steady))?;
        let passed = steady.saturating_duration_since(then).as_millis();
        let from = was.plus_millis(i64::try_from(passed).unwrap_or(i64::MAX));
        if (clock.millis() - from.millis()).abs() <= JUMP_MS {
            return None;
        }
        let jump = ClockJump { from, to: clock };
        looks.jump = Some((jump, steady));
        Some(jump)
    }

    /// The last jump, for an hour.
    pub(crate) fn jump(&self, steady: Instant) -> Option<ClockJump> {
        let looks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let told = |(_, at): &(ClockJump, Instant)| steady.saturating_duration_since(*at) < TOLD_FOR;
        looks.jump.filter(told).map(|(jump, _)| jump)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1_000;

    #[test]
    fn a_jump_is_what_moves_the_clock_by_more_than_a_minute_beside_the_time_that_passes() {
        let start = Instant::now();
        let watch = ClockWatch::default();
        // The seconds by the steady clock, and by the other.
        let looks = [
            (0, 0, false),
            (1, 1, false),
            (2, 62, false),
            (900, 960, false),
            (901, 1022, true),
            (902, 900, true),
        ];
        for (passed, says, jumps) in looks {
            let now = start + Duration::from_secs(passed);
            let jump = watch.look(Timestamp::from_millis(says * SECOND), now);
            assert_eq!(jump.is_some(), jumps, "{passed} s: {jump:?}");
        }
        let back = ClockJump { from: Timestamp::from_millis(1_023_000), to: Timestamp::from_millis(900_000) };
        assert_eq!(watch.jump(start + Duration::from_secs(902 + 3_599)), Some(back));
        assert_eq!(watch.jump(start + Duration::from_secs(902 + 3_600)), None, "told for an hour");
        assert_eq!(back.to_string(), "the clock jumped from 1970-01-01T00:17:03Z to 1970-01-01T00:15:00Z");
    }
}
