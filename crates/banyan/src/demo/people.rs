//! The people of the demo: who brought whom, and who buys.

use domain::{Money, ReferralCode, UserId};
use rand::RngExt;
use rand::rngs::StdRng;

/// The slots that the default plan gives.
const SLOTS: usize = 8;

/// One purchase in three is made below the member whose page is shown, so that
/// it moves.
const BELOW_THE_STAR: f64 = 0.33;

/// Everybody, in the order in which they joined. Visitors who register while
/// the demo runs are not among them.
#[derive(Debug, Default)]
pub(super) struct Buyers {
    people: Vec<Person>,
    star: Option<usize>,
}

#[derive(Debug)]
struct Person {
    id: UserId,
    code: ReferralCode,
    active: bool,
    brought: Vec<usize>,
}

impl Buyers {
    pub(super) fn len(&self) -> usize {
        self.people.len()
    }

    /// Adds the next member, under whoever has this code.
    pub(super) fn add(&mut self, id: UserId, code: ReferralCode, referrer: Option<ReferralCode>) {
        let number = self.people.len();
        if let Some(referrer) = self.people.iter_mut().find(|person| Some(person.code) == referrer) {
            referrer.brought.push(number);
        }
        self.people.push(Person { id, code, active: true, brought: Vec::new() });
    }

    /// The code of somebody with a free slot; nine in ten newcomers bring one.
    /// People who brought somebody lately are likelier to bring the next.
    pub(super) fn free_code(&self, chance: &mut StdRng) -> Option<ReferralCode> {
        if self.people.is_empty() || chance.random_bool(0.1) {
            return None;
        }
        let draw = |chance: &mut StdRng| &self.people[chance.random_range(0..self.people.len())];
        let candidates = [draw(chance), draw(chance), draw(chance)];
        let free = candidates.into_iter().filter(|person| person.active && person.brought.len() < SLOTS);
        free.max_by_key(|person| person.brought.len()).map(|person| person.code)
    }

    /// Switches a member off, or on again: answers which.
    pub(super) fn switch(&mut self, user: UserId) -> bool {
        let number = self.number(user);
        let person = &mut self.people[number];
        person.active = !person.active;
        person.active
    }

    /// Chooses the member with the most people on the two levels below her.
    pub(super) fn choose_star(&mut self) -> UserId {
        let below = |person: &Person| {
            let second: usize = person.brought.iter().map(|number| self.people[*number].brought.len()).sum();
            person.brought.len() * 4 + second
        };
        let best = self.people.iter().enumerate().max_by_key(|(_, person)| below(person));
        let number = best.map_or(0, |(number, _)| number);
        self.star = Some(number);
        self.people[number].id
    }

    /// Somebody whom this member brought.
    pub(super) fn of(&self, member: UserId) -> UserId {
        self.people[self.number(member)].brought.first().map_or(member, |number| self.people[*number].id)
    }

    fn number(&self, user: UserId) -> usize {
        self.people.iter().position(|person| person.id == user).expect("somebody of the demo")
    }

    /// Who buys next.
    pub(super) fn draw(&self, chance: &mut StdRng) -> UserId {
        let anybody = chance.random_range(0..self.people.len());
        let Some(star) = self.star.filter(|_| chance.random_bool(BELOW_THE_STAR)) else {
            return self.people[anybody].id;
        };
        let first = &self.people[star].brought;
        let second = first.iter().flat_map(|number| &self.people[*number].brought);
        let below: Vec<usize> = first.iter().chain(second).copied().collect();
        self.people[below[chance.random_range(0..below.len())]].id
    }
}

/// What somebody pays: mostly some hundreds to some thousands of rupees.
pub(super) fn amount(chance: &mut StdRng) -> Money {
    let magnitude: i64 = [49_900, 99_900, 149_900, 249_900, 499_900, 1_249_900][chance.random_range(0..6)];
    Money::from_paise(magnitude + chance.random_range(0..magnitude))
}
