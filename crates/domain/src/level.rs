//! Hops from the buyer, and totals kept for each of them.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::num::NonZeroU8;

use crate::Money;

/// How many hops above the buyer: 1 is the buyer's referrer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Level(NonZeroU8);

impl Level {
    /// The deepest level a plan can pay.
    pub const MAX: u8 = 10;

    /// The level with this number, from 1 to [`Level::MAX`].
    pub fn new(number: u8) -> Option<Self> {
        if number > Self::MAX {
            return None;
        }
        NonZeroU8::new(number).map(Self)
    }

    /// Every level a plan can have, nearest first.
    pub fn all() -> impl Iterator<Item = Self> {
        (1..=Self::MAX).filter_map(Self::new)
    }

    /// The nearest so many levels.
    pub fn nearest(depth: usize) -> impl Iterator<Item = Self> {
        Self::all().take(depth)
    }

    /// The level's number: 1, 2, …
    pub const fn number(self) -> u8 {
        self.0.get()
    }

    /// Where the level stands in a list that starts at level 1.
    pub const fn index(self) -> usize {
        self.0.get().saturating_sub(1) as usize
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What one member earned, less what was reversed, at each level. Two are equal
/// when their totals are.
#[derive(Clone, Copy, Debug, Default)]
pub struct LevelTotals {
    totals: [Money; Level::MAX as usize],
    depth: usize,
}

impl LevelTotals {
    /// The total of one level.
    pub fn get(&self, level: Level) -> Money {
        self.totals[level.index()]
    }

    /// The total of one level, to be changed.
    pub fn get_mut(&mut self, level: Level) -> &mut Money {
        self.depth = self.depth.max(level.index().saturating_add(1));
        &mut self.totals[level.index()]
    }

    /// How many levels there are down to the deepest that ever was added to, if
    /// all of it was taken away again.
    ///
    /// ```
    /// use domain::{Level, LevelTotals, Money};
    ///
    /// let mut totals = LevelTotals::default();
    /// assert_eq!(totals.depth(), 0);
    /// *totals.get_mut(Level::new(3).unwrap()) = Money::ZERO;
    /// assert_eq!(totals.depth(), 3);
    /// ```
    pub const fn depth(&self) -> usize {
        self.depth
    }

    /// The sum of all levels, unless it leaves the range of an `i64`.
    pub fn checked_sum(&self) -> Option<Money> {
        self.totals.iter().try_fold(Money::ZERO, |sum, total| sum.checked_add(*total))
    }

    /// Every level with its total, nearest first.
    pub fn iter(&self) -> impl Iterator<Item = (Level, Money)> {
        Level::all().zip(self.totals)
    }
}

impl PartialEq for LevelTotals {
    fn eq(&self, other: &Self) -> bool {
        self.totals == other.totals
    }
}

impl Eq for LevelTotals {}

impl Hash for LevelTotals {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.totals.hash(state);
    }
}
