//! A member's ledger: lines that are only ever added. Each carries the sums up
//! to it, so the last one is the account.

use crate::named::named;
use crate::{
    AdjustmentId, EntryId, Level, LevelTotals, Money, PayoutId, PurchaseId, RefundId, Timestamp, UserId,
};

/// What a line of the ledger is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EntryKind {
    /// Earned from a purchase; zero or more.
    Commission,
    /// A commission taken back after a refund; zero or less.
    Reversal,
    /// Paid out to the member; zero or less.
    Payout,
    /// A payout that failed and came back; zero or more.
    PayoutReturned,
    /// A correction by an admin, of either sign.
    Adjustment,
}

named!(EntryKind, UnknownEntryKind, "is not a kind of entry", {
    Commission => "commission",
    Reversal => "reversal",
    Payout => "payout",
    PayoutReturned => "payout_returned",
    Adjustment => "adjustment",
});

/// The sale that a commission or a reversal goes back to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Origin {
    /// The purchase.
    pub purchase: PurchaseId,
    /// Who bought.
    pub source: UserId,
    /// How many hops below the earner the buyer stands.
    pub level: Level,
}

/// Why there is a line in the ledger: what it is, and what it goes back to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cause {
    /// A purchase paid this level.
    Commission(Origin),
    /// A refund of that purchase took some of it back.
    Reversal(Origin, RefundId),
    /// The money was sent.
    Payout(PayoutId),
    /// The money could not be sent.
    PayoutReturned(PayoutId),
    /// An admin corrected the books.
    Adjustment(AdjustmentId),
}

impl Cause {
    /// What a line of this cause is.
    pub const fn kind(self) -> EntryKind {
        match self {
            Self::Commission(_) => EntryKind::Commission,
            Self::Reversal(..) => EntryKind::Reversal,
            Self::Payout(_) => EntryKind::Payout,
            Self::PayoutReturned(_) => EntryKind::PayoutReturned,
            Self::Adjustment(_) => EntryKind::Adjustment,
        }
    }

    /// How many hops below the earner somebody bought, where somebody did.
    pub fn level(self) -> Option<Level> {
        self.origin().map(|origin| origin.level)
    }

    /// The sale behind it, if there is one.
    pub const fn origin(self) -> Option<Origin> {
        match self {
            Self::Commission(origin) | Self::Reversal(origin, _) => Some(origin),
            Self::Payout(_) | Self::PayoutReturned(_) | Self::Adjustment(_) => None,
        }
    }
}

/// The sums of a ledger up to some line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Totals {
    /// Commissions less reversals, at each level.
    pub by_level: LevelTotals,
    /// What was taken back of the commissions, as a number of zero or more.
    pub reversed: Money,
    /// What was paid out and has not come back.
    pub paid: Money,
    /// Sum of the corrections, of either sign.
    pub adjusted: Money,
}

/// `post` lets no sum leave its range, so none of these saturates.
impl Totals {
    /// Commissions less reversals.
    pub fn earnings(&self) -> Money {
        self.by_level.checked_sum().unwrap_or_default()
    }

    /// Commissions, before anything was taken back.
    pub fn commissions(&self) -> Money {
        self.earnings().checked_add(self.reversed).unwrap_or_default()
    }

    /// What the programme owes the member; negative when she owes it.
    pub fn balance(&self) -> Money {
        self.checked_balance().unwrap_or_default()
    }

    fn checked_balance(&self) -> Option<Money> {
        self.by_level.checked_sum()?.checked_sub(self.paid)?.checked_add(self.adjusted)
    }

    /// These totals and one more line, or the sum of several of one kind and
    /// level, unless a sum leaves its range.
    #[must_use]
    pub fn and(mut self, kind: EntryKind, level: Option<Level>, amount: Money) -> Option<Self> {
        let taken = Money::ZERO.checked_sub(amount)?;
        if let Some(level) = level {
            let total = self.by_level.get_mut(level);
            *total = total.checked_add(amount)?;
        }
        match kind {
            EntryKind::Commission => {}
            EntryKind::Reversal => self.reversed = self.reversed.checked_add(taken)?,
            EntryKind::Payout | EntryKind::PayoutReturned => self.paid = self.paid.checked_add(taken)?,
            EntryKind::Adjustment => self.adjusted = self.adjusted.checked_add(amount)?,
        }
        self.by_level.checked_sum()?.checked_add(self.reversed)?;
        self.checked_balance()?;
        Some(self)
    }
}

/// One line of a member's ledger, with the sums after it, as a bank statement
/// has them. `(user, seq)` names it; nothing ever changes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Entry {
    /// Whose ledger.
    pub user: UserId,
    /// 1, 2, 3, … without a hole.
    pub seq: i64,
    /// What the line is, and what it goes back to.
    pub cause: Cause,
    /// What it added to the balance; negative where it took away.
    pub amount: Money,
    /// The sums after it.
    pub totals: Totals,
    /// When it happened, was booked, and can be paid out.
    pub times: EntryTimes,
    /// The latest time at which any line up to this one was booked.
    pub booked_through: Timestamp,
}

/// The times of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EntryTimes {
    /// When what stands behind it happened.
    pub occurred_at: Timestamp,
    /// Which month, and which day, of the books it belongs to.
    pub booked_at: Timestamp,
    /// When it can be paid out, where that is later. A reversal has that of the
    /// commission it takes back.
    pub matures_at: Option<Timestamp>,
}

impl EntryTimes {
    /// Something that happened, was booked and can be paid out at one time.
    pub const fn at(time: Timestamp) -> Self {
        Self { occurred_at: time, booked_at: time, matures_at: None }
    }
}

impl Entry {
    /// The line's name.
    pub const fn id(&self) -> EntryId {
        EntryId { user: self.user, seq: self.seq }
    }

    /// What the line is.
    pub const fn kind(&self) -> EntryKind {
        self.cause.kind()
    }

    /// The sale behind it, if there is one.
    pub const fn origin(&self) -> Option<Origin> {
        self.cause.origin()
    }

    /// Whether it was booked before a line that stands above it. All others stand
    /// in the order of their booking.
    pub fn is_late(&self) -> bool {
        self.times.booked_at < self.booked_through
    }
}

/// Where one member's ledger stands: its last line is her account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Whose it is.
    pub user: UserId,
    /// Whether she earns at present.
    pub active: bool,
    /// The `seq` of her last entry; 0 before the first.
    pub seq: i64,
    /// The sums after that entry.
    pub totals: Totals,
    /// The latest time at which one of her entries was booked.
    pub booked_through: Timestamp,
}

impl Account {
    /// The account of a new member.
    pub fn new(user: UserId) -> Self {
        Self { user, active: true, seq: 0, totals: Totals::default(), booked_through: Timestamp::MIN }
    }

    /// Adds the next line to the ledger. This is the only way an account changes.
    ///
    /// ```
    /// use domain::{Account, AdjustmentId, Cause, EntryTimes, Money, Timestamp, UserId};
    ///
    /// let mut account = Account::new(UserId::new(7));
    /// let thanks = Cause::Adjustment(AdjustmentId::new(1));
    /// let now = EntryTimes::at(Timestamp::from_millis(0));
    /// let entry = account.post(thanks, Money::from_paise(5_00), now).unwrap();
    /// assert_eq!((entry.seq, entry.totals.balance()), (1, Money::from_paise(5_00)));
    /// assert_eq!((account.seq, account.totals), (entry.seq, entry.totals));
    /// ```
    pub fn post(&mut self, cause: Cause, amount: Money, times: EntryTimes) -> Result<Entry, Overflow> {
        let seq = self.seq.checked_add(1).ok_or(Overflow)?;
        let totals = self.totals.and(cause.kind(), cause.level(), amount).ok_or(Overflow)?;
        let booked_through = self.booked_through.max(times.booked_at);
        (self.seq, self.totals, self.booked_through) = (seq, totals, booked_through);
        Ok(Entry { user: self.user, seq, cause, amount, totals, times, booked_through })
    }
}

/// A total would leave the range of an `i64` of paise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a sum is out of range: it is more than 92233720368547758.07, or less than as much below zero")]
pub struct Overflow;

#[cfg(test)]
mod tests {
    use super::*;

    const AT: EntryTimes = EntryTimes::at(Timestamp::from_millis(0));

    fn origin(level: u8) -> Origin {
        Origin { purchase: PurchaseId::new(1), source: UserId::new(9), level: Level::new(level).unwrap() }
    }

    #[test]
    fn each_cause_moves_its_own_total_and_the_balance() {
        let (refund, payout) = (RefundId::new(1), PayoutId::new(1));
        // cause, amount -> commissions, reversed, paid, adjusted, balance, earnings
        let statement = [
            (Cause::Commission(origin(1)), 100_00, [100_00, 0, 0, 0, 100_00, 100_00]),
            (Cause::Payout(payout), -100_00, [100_00, 0, 100_00, 0, 0, 100_00]),
            (Cause::Reversal(origin(1), refund), -40_00, [100_00, 40_00, 100_00, 0, -40_00, 60_00]),
            (Cause::PayoutReturned(payout), 100_00, [100_00, 40_00, 0, 0, 60_00, 60_00]),
            (Cause::Adjustment(AdjustmentId::new(1)), -10_00, [100_00, 40_00, 0, -10_00, 50_00, 60_00]),
            (Cause::Commission(origin(2)), 5_00, [105_00, 40_00, 0, -10_00, 55_00, 65_00]),
        ];
        let mut account = Account::new(UserId::new(1));
        for (seq, (cause, amount, sums)) in (1..).zip(statement) {
            let at = EntryTimes::at(Timestamp::from_millis(seq));
            let entry = account.post(cause, Money::from_paise(amount), at).unwrap();
            let t = &account.totals;
            let found = [t.commissions(), t.reversed, t.paid, t.adjusted, t.balance(), t.earnings()];
            assert_eq!(found.map(Money::paise), sums, "{cause:?}");
            assert_eq!((entry.seq, entry.totals, entry.times), (seq, account.totals, at));
        }
        assert_eq!(
            [1, 2].map(|n| account.totals.by_level.get(Level::new(n).unwrap()).paise()),
            [60_00, 5_00]
        );
    }

    #[test]
    fn an_overflow_of_any_sum_is_refused_and_changes_nothing() {
        let most = Money::from_paise(i64::MAX);
        let mut account = Account::new(UserId::new(1));
        account.post(Cause::Commission(origin(1)), most, AT).unwrap();
        let before = account.clone();
        for (cause, amount) in [
            (Cause::Commission(origin(1)), 1),
            (Cause::Commission(origin(2)), 1),
            (Cause::Adjustment(AdjustmentId::new(1)), 1),
            (Cause::PayoutReturned(PayoutId::new(1)), 1),
            (Cause::Payout(PayoutId::new(1)), i64::MIN),
        ] {
            let refused = account.post(cause, Money::from_paise(amount), AT);
            assert_eq!((refused, &account), (Err(Overflow), &before), "{cause:?}");
        }
    }

    #[test]
    fn a_line_that_is_booked_before_another_is_late() {
        let mut account = Account::new(UserId::new(1));
        for (booked_at, booked_through, late) in [(5, 5, false), (3, 5, true), (5, 5, false), (9, 9, false)] {
            let at = EntryTimes::at(Timestamp::from_millis(booked_at));
            let entry = account.post(Cause::Commission(origin(1)), Money::from_paise(1), at).unwrap();
            let through = Timestamp::from_millis(booked_through);
            assert_eq!((entry.booked_through, entry.is_late()), (through, late), "{booked_at}");
            assert_eq!(account.booked_through, through);
        }
    }

    #[test]
    fn kinds_keep_their_names() {
        for kind in EntryKind::ALL {
            assert_eq!(kind.to_string().parse(), Ok(*kind));
        }
        assert_eq!("bonus".parse::<EntryKind>(), Err(UnknownEntryKind));
    }
}
