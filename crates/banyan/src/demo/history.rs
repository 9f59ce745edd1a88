//! Ninety days that never were.

use app::members::NewMember;
use app::purchases::NewPurchase;
use domain::{ReferralCode, Timestamp, UserId};
use rand::rngs::StdRng;
use rand::{Rng, RngExt};

use super::names;
use super::people::{Buyers, amount};

const DAYS: i64 = 90;
const MEMBERS: usize = 1_000;
const HOUR_MS: i64 = 60 * 60 * 1000;
const DAY_MS: i64 = 24 * HOUR_MS;

/// Between two registrations of a day, all of which fall into its first hour.
const JOIN_EVERY_MS: i64 = HOUR_MS / 16;

/// The most members who are switched off, or on again, in a day.
const INACTIVE_A_DAY: usize = 2;

/// What happened.
pub(super) enum Event {
    /// Somebody registered, and this code was drawn for her.
    Join(NewMember, ReferralCode),
    /// Purchases within the same hour.
    Buy(Vec<NewPurchase>),
    /// Somebody was switched off or on.
    Switch(UserId, bool),
}

/// What happened on one day, in the order of time.
pub(super) struct Day {
    pub(super) events: Vec<(Timestamp, Event)>,
}

/// All of it.
pub(super) struct History {
    pub(super) days: Vec<Day>,
    /// The people, to go on from.
    pub(super) people: Buyers,
    /// The member whose page is worth looking at.
    pub(super) star: UserId,
}

impl History {
    /// A history that ends now. The same source of chance makes the same history.
    pub(super) fn new(mut chance: StdRng, now: Timestamp) -> Self {
        let mut people = Buyers::default();
        let mut star = UserId::new(1);
        let days = (1..=DAYS).map(|day| {
            let start = now.plus_millis((day - 1 - DAYS) * DAY_MS);
            let members = MEMBERS * usize::try_from(day).unwrap_or(0) / usize::try_from(DAYS).unwrap_or(1);
            let mut events = Vec::new();
            while people.len() < members {
                let at = start.plus_millis(i64::try_from(events.len()).unwrap_or(0) * JOIN_EVERY_MS);
                events.push((at, join(&mut people, &mut chance)));
            }
            star = people.choose_star();
            for hour in 1..24 {
                let at = start.plus_millis(hour * HOUR_MS);
                let buys = chance.random_range(0..=2 + people.len() / 150);
                let purchases = (0..buys).map(|_| purchase(&people, &mut chance)).collect();
                events.push((at, Event::Buy(purchases)));
            }
            // Some lose interest; they keep what they earned and earn no more.
            let at = start.plus_millis(23 * HOUR_MS + 1);
            for _ in 0..chance.random_range(0..=INACTIVE_A_DAY) {
                let user = people.draw(&mut chance);
                if user == star {
                    continue;
                }
                events.push((at, Event::Switch(user, people.switch(user))));
            }
            Day { events }
        });
        Self { days: days.collect(), people, star }
    }

    /// How many purchases there were.
    pub(super) fn purchases(&self) -> usize {
        let events = self.days.iter().flat_map(|day| &day.events);
        events.map(|(_, event)| if let Event::Buy(purchases) = event { purchases.len() } else { 0 }).sum()
    }
}

fn join(people: &mut Buyers, chance: &mut StdRng) -> Event {
    let (name, email) = names::person(chance, people.len());
    let referrer = people.free_code(chance);
    let code = ReferralCode::from_bits(chance.next_u64());
    let id = UserId::new(i64::try_from(people.len() + 1).unwrap_or(i64::MAX));
    people.add(id, code, referrer);
    Event::Join(NewMember::new(name, email, referrer), code)
}

fn purchase(people: &Buyers, chance: &mut StdRng) -> NewPurchase {
    NewPurchase::new(people.draw(chance), amount(chance))
}
