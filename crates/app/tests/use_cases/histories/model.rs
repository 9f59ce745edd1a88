//! What a programme must come to, by arithmetic of its own: plain sums over
//! plain integers, and not a word of the code it is compared with.

use std::collections::BTreeMap;

use domain::Rounding;

use super::steps::Fate;

/// The most levels a plan can have.
pub(super) const LEVELS: usize = 10;

const MILLIS_PER_DAY: i64 = 86_400_000;

/// The terms of a plan: paise, basis points and days.
#[derive(Clone, Debug)]
pub(super) struct Terms {
    pub(super) above: i64,
    pub(super) limit: u32,
    pub(super) rates: Vec<i64>,
    pub(super) rounding: Rounding,
    pub(super) hold_days: u16,
    pub(super) cap: Option<i64>,
}

impl Terms {
    /// What a rate makes of so many paise.
    fn share(&self, paise: i64, rate: i64) -> i64 {
        if paise <= self.above {
            return 0;
        }
        let product = i128::from(paise) * i128::from(rate);
        let (whole, rest) = (product / 10_000, product % 10_000);
        let up = match self.rounding {
            Rounding::HalfUp => rest >= 5_000,
            Rounding::HalfEven => rest > 5_000 || rest == 5_000 && whole % 2 == 1,
            Rounding::Down => false,
        };
        let share = i64::try_from(whole).unwrap() + i64::from(up);
        self.cap.map_or(share, |cap| share.min(cap))
    }
}

/// What a member must come to.
#[derive(Clone, Debug, Default)]
pub(super) struct Person {
    pub(super) referrer: Option<usize>,
    pub(super) directs: u32,
    pub(super) active: bool,
    pub(super) lines: i64,
    pub(super) by_level: [i64; LEVELS],
    pub(super) reversed: i64,
    pub(super) paid: i64,
    pub(super) adjusted: i64,
    /// What can be paid out from a day on.
    held: BTreeMap<i64, i64>,
}

impl Person {
    pub(super) fn balance(&self) -> i64 {
        self.by_level.iter().sum::<i64>() - self.paid + self.adjusted
    }

    /// What cannot be paid out yet.
    pub(super) fn pending(&self, now: i64) -> i64 {
        self.held.iter().filter(|(day, _)| **day > now / MILLIS_PER_DAY).map(|(_, amount)| amount).sum()
    }

    /// A commission, or a reversal when it is less than zero.
    fn earn(&mut self, level: usize, amount: i64, until: Option<i64>) {
        self.lines += 1;
        self.by_level[level] += amount;
        self.reversed += (-amount).max(0);
        if let Some(day) = until {
            *self.held.entry(day).or_default() += amount;
        }
    }
}

/// A purchase: who was above the buyer then, and whether she was active.
#[derive(Clone, Debug)]
pub(super) struct Sale {
    pub(super) paise: i64,
    pub(super) left: i64,
    terms: usize,
    upline: Vec<(usize, bool)>,
    at: i64,
}

#[derive(Clone, Debug)]
pub(super) struct Payout {
    pub(super) user: usize,
    pub(super) paise: i64,
    pub(super) fate: Option<Fate>,
}

/// The whole programme. Members, purchases and payouts go by their number.
#[derive(Clone, Debug, Default)]
pub(super) struct Model {
    pub(super) people: Vec<Person>,
    pub(super) sales: Vec<Sale>,
    pub(super) payouts: Vec<Payout>,
    /// Each with the moment from which it is in force, the first of them always.
    plans: Vec<(i64, Terms)>,
}

impl Model {
    pub(super) fn set_plan(&mut self, terms: Terms, from: i64) {
        self.plans.push((if self.plans.is_empty() { i64::MIN } else { from }, terms));
    }

    /// The plan that took effect last; of two at once, the one that was set last.
    pub(super) fn in_force(&self, now: i64) -> usize {
        let known = (0..self.plans.len()).filter(|plan| self.plans[*plan].0 <= now);
        known.max_by_key(|plan| (self.plans[*plan].0, *plan)).expect("the first is always in force")
    }

    pub(super) fn terms(&self, now: i64) -> &Terms {
        &self.plans[self.in_force(now)].1
    }

    pub(super) fn join(&mut self, referrer: Option<usize>) {
        if let Some(referrer) = referrer {
            self.people[referrer].directs += 1;
        }
        self.people.push(Person { referrer, active: true, ..Person::default() });
    }

    pub(super) fn buy(&mut self, buyer: usize, paise: i64, now: i64) {
        let terms = self.in_force(now);
        let mut upline = Vec::new();
        let mut above = self.people[buyer].referrer;
        while let Some(user) = above
            && upline.len() < self.plans[terms].1.rates.len()
        {
            upline.push((user, self.people[user].active));
            above = self.people[user].referrer;
        }
        self.sales.push(Sale { paise, left: 0, terms, upline, at: now });
        self.leave(self.sales.len() - 1, paise);
    }

    pub(super) fn buy_elsewhere(&mut self, paise: i64, now: i64) {
        let terms = self.in_force(now);
        self.sales.push(Sale { paise, left: paise, terms, upline: Vec::new(), at: now });
    }

    /// Pays or takes back what the upline is due for `paise` more or less than
    /// what was left.
    pub(super) fn leave(&mut self, sale: usize, paise: i64) {
        let Sale { left, terms, upline, at, .. } = &mut self.sales[sale];
        let terms = &self.plans[*terms].1;
        let until = (terms.hold_days > 0).then(|| *at / MILLIS_PER_DAY + i64::from(terms.hold_days));
        for (level, (user, active)) in upline.iter().enumerate() {
            let change = terms.share(paise, terms.rates[level]) - terms.share(*left, terms.rates[level]);
            if *active && change != 0 {
                self.people[*user].earn(level, change, until);
            }
        }
        *left = paise;
    }

    /// Who is due so much, and how much.
    pub(super) fn due(&self, minimum: i64, now: i64) -> Vec<(usize, i64)> {
        let available = |person: &Person| person.balance() - person.pending(now);
        let all = self.people.iter().map(available).enumerate();
        all.filter(|(_, available)| *available >= minimum.max(1)).collect()
    }

    pub(super) fn pay(&mut self, user: usize, paise: i64) {
        self.people[user].paid += paise;
        self.people[user].lines += 1;
        self.payouts.push(Payout { user, paise, fate: None });
    }

    pub(super) fn settle(&mut self, payout: usize, fate: Fate) {
        let Payout { user, paise, .. } = self.payouts[payout];
        if fate == Fate::Failed {
            self.people[user].paid -= paise;
            self.people[user].lines += 1;
        }
        self.payouts[payout].fate = Some(fate);
    }

    pub(super) fn adjust(&mut self, user: usize, paise: i64) {
        self.people[user].adjusted += paise;
        self.people[user].lines += 1;
    }
}
