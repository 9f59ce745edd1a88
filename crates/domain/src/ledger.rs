//! A member's ledger: lines that are only ever added, and the account that is
//! their running sum.

use crate::named::named;
use crate::{Level, LevelTotals, Money, PurchaseId, Timestamp, UserId};

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

/// Where a commission or a reversal comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Origin {
    /// The purchase.
    pub purchase: PurchaseId,
    /// Who bought.
    pub source: UserId,
    /// How many hops below the earner the buyer stands.
    pub level: Level,
}

/// What is about to become a line of somebody's ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Posting {
    /// What the line is.
    pub kind: EntryKind,
    /// What it adds to the balance; negative where it takes away.
    pub amount: Money,
    /// The purchase behind it, if there is one.
    pub origin: Option<Origin>,
}

/// One line of a member's ledger, with her balance after it, as a bank
/// statement has it. `(user, seq)` names it; nothing ever changes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Entry {
    /// Whose ledger.
    pub user: UserId,
    /// 1, 2, 3, … without a hole.
    pub seq: i64,
    /// What the line is.
    pub kind: EntryKind,
    /// What it added to the balance.
    pub amount: Money,
    /// The balance after it.
    pub balance: Money,
    /// Commissions less reversals, after it.
    pub total_earnings: Money,
    /// The purchase behind it, if there is one.
    pub origin: Option<Origin>,
    /// When it was posted.
    pub created_at: Timestamp,
}

/// The running sums of one member's ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Whose it is.
    pub user: UserId,
    /// Whether she earns at present.
    pub active: bool,
    /// The `seq` of her last entry; 0 before the first.
    pub seq: i64,
    /// Sum of her commissions.
    pub earned: Money,
    /// What was taken back of them, as a number of zero or more.
    pub reversed: Money,
    /// What was paid out and has not come back.
    pub paid: Money,
    /// Sum of the corrections, of either sign.
    pub adjusted: Money,
    /// Commissions less reversals, at each level.
    pub by_level: LevelTotals,
}

impl Account {
    /// The account of a new member.
    pub fn new(user: UserId) -> Self {
        Self {
            user,
            active: true,
            seq: 0,
            earned: Money::ZERO,
            reversed: Money::ZERO,
            paid: Money::ZERO,
            adjusted: Money::ZERO,
            by_level: LevelTotals::default(),
        }
    }

    /// Commissions less reversals.
    pub fn total_earnings(&self) -> Money {
        // `post` has made sure that every sum of these stays in range.
        Money::from_paise(self.earned.paise().saturating_sub(self.reversed.paise()))
    }

    /// What the programme owes her; negative when she owes it.
    pub fn balance(&self) -> Money {
        let balance = self.total_earnings().paise().saturating_sub(self.paid.paise());
        Money::from_paise(balance.saturating_add(self.adjusted.paise()))
    }

    /// Adds the next line to the ledger. This is the only way an account changes.
    ///
    /// ```
    /// use domain::{Account, EntryKind, Money, Posting, Timestamp, UserId};
    ///
    /// let mut account = Account::new(UserId::new(7));
    /// let thanks = Posting { kind: EntryKind::Adjustment, amount: Money::from_paise(5_00), origin: None };
    /// let entry = account.post(thanks, Timestamp::from_millis(0)).unwrap();
    /// assert_eq!((entry.seq, entry.balance), (1, Money::from_paise(5_00)));
    /// assert_eq!(account.balance(), entry.balance);
    /// ```
    pub fn post(&mut self, posting: Posting, at: Timestamp) -> Result<Entry, Overflow> {
        let mut after = self.clone();
        after.add(posting).ok_or(Overflow)?;
        *self = after;
        Ok(Entry {
            user: self.user,
            seq: self.seq,
            kind: posting.kind,
            amount: posting.amount,
            balance: self.balance(),
            total_earnings: self.total_earnings(),
            origin: posting.origin,
            created_at: at,
        })
    }

    fn add(&mut self, Posting { kind, amount, origin }: Posting) -> Option<()> {
        let taken = Money::ZERO.checked_sub(amount)?;
        let (total, change) = match kind {
            EntryKind::Commission => (&mut self.earned, amount),
            EntryKind::Reversal => (&mut self.reversed, taken),
            EntryKind::Payout | EntryKind::PayoutReturned => (&mut self.paid, taken),
            EntryKind::Adjustment => (&mut self.adjusted, amount),
        };
        *total = total.checked_add(change)?;
        if let Some(origin) = origin {
            let level = self.by_level.get_mut(origin.level);
            *level = level.checked_add(amount)?;
        }
        self.seq = self.seq.checked_add(1)?;
        let balance = self.earned.checked_sub(self.reversed)?.checked_sub(self.paid)?;
        balance.checked_add(self.adjusted).map(|_| ())
    }
}

/// A total would leave the range of an `i64` of paise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a total of the account would be out of range")]
pub struct Overflow;

#[cfg(test)]
mod tests {
    use super::*;

    fn posting(kind: EntryKind, paise: i64) -> Posting {
        let origin =
            Origin { purchase: PurchaseId::new(1), source: UserId::new(9), level: Level::new(1).unwrap() };
        let has_origin = matches!(kind, EntryKind::Commission | EntryKind::Reversal);
        Posting { kind, amount: Money::from_paise(paise), origin: has_origin.then_some(origin) }
    }

    #[test]
    fn each_kind_moves_its_own_total_and_the_balance() {
        // kind, amount -> earned, reversed, paid, adjusted, balance, total earnings
        let statement = [
            (EntryKind::Commission, 100_00, [100_00, 0, 0, 0, 100_00, 100_00]),
            (EntryKind::Payout, -100_00, [100_00, 0, 100_00, 0, 0, 100_00]),
            (EntryKind::Reversal, -40_00, [100_00, 40_00, 100_00, 0, -40_00, 60_00]),
            (EntryKind::PayoutReturned, 100_00, [100_00, 40_00, 0, 0, 60_00, 60_00]),
            (EntryKind::Adjustment, -10_00, [100_00, 40_00, 0, -10_00, 50_00, 60_00]),
        ];
        let mut account = Account::new(UserId::new(1));
        for (seq, (kind, amount, totals)) in (1..).zip(statement) {
            let entry = account.post(posting(kind, amount), Timestamp::from_millis(seq)).unwrap();
            let a = &account;
            let sums = [a.earned, a.reversed, a.paid, a.adjusted, entry.balance, entry.total_earnings];
            assert_eq!(sums.map(Money::paise), totals, "{kind}");
            assert_eq!((entry.seq, a.seq, a.balance()), (seq, seq, entry.balance));
        }
        assert_eq!(account.by_level.get(Level::new(1).unwrap()), Money::from_paise(60_00));
    }

    #[test]
    fn an_overflow_is_refused_and_changes_nothing() {
        let mut account = Account::new(UserId::new(1));
        account.post(posting(EntryKind::Commission, i64::MAX), Timestamp::from_millis(0)).unwrap();
        let before = account.clone();
        let refused = account.post(posting(EntryKind::Commission, 1), Timestamp::from_millis(0));
        assert_eq!((refused, account), (Err(Overflow), before));
    }

    #[test]
    fn kinds_keep_their_names() {
        for kind in EntryKind::ALL {
            assert_eq!(kind.to_string().parse(), Ok(*kind));
        }
        assert_eq!("bonus".parse::<EntryKind>(), Err(UnknownEntryKind));
    }
}
