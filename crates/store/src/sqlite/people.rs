//! What the clerk knows of people: all that a sale needs, so that the books need
//! not be read again for every one of them.

use std::collections::HashMap;

use domain::{Account, Entry, Name, Totals, UserId};
use rusqlite::{Connection, Row};

use super::row;
use crate::{Buyer, Result};

pub(super) const PERSON: &str = "\
select u.name, u.referrer_id, u.active, e.seq, e.by_level, e.reversed, e.paid, e.adjusted
from users u left join entries e on e.user_id = u.id
where u.id = ?1 order by e.seq desc limit 1";

/// People who are remembered: about 150 MB of them, if there are that many.
const REMEMBERED: usize = 900_000;

/// Members as they stand at the end of the journal.
#[derive(Default)]
pub(super) struct People {
    remembered: HashMap<UserId, Person>,
    /// The accounts that the books do not show yet.
    unposted: HashMap<UserId, (i64, Totals)>,
}

/// One member. Most have earned nothing yet.
struct Person {
    name: Name,
    referrer: Option<UserId>,
    active: bool,
    seq: i64,
    totals: Option<Box<Totals>>,
}

impl People {
    /// A member and so many levels above her.
    pub(super) fn buyer(&mut self, books: &Connection, user: UserId, depth: usize) -> Result<Option<Buyer>> {
        let Some(person) = self.person(books, user)? else { return Ok(None) };
        let (name, mut referrer) = (person.name.clone(), person.referrer);
        let mut upline = Vec::with_capacity(depth);
        while let Some(user) = referrer
            && upline.len() < depth
        {
            upline.push(user);
            referrer = self.person(books, user)?.and_then(|person| person.referrer);
        }
        Ok(Some(Buyer { name, upline }))
    }

    /// A member's account.
    pub(super) fn account(&mut self, books: &Connection, user: UserId) -> Result<Option<Account>> {
        Ok(self.person(books, user)?.map(|Person { active, seq, totals, .. }| Account {
            user,
            active: *active,
            seq: *seq,
            totals: totals.as_deref().copied().unwrap_or_default(),
        }))
    }

    /// A line is written down.
    pub(super) fn add(&mut self, entry: &Entry) {
        if let Some(person) = self.remembered.get_mut(&entry.user) {
            person.move_on(entry.seq, &entry.totals);
        }
        self.unposted.insert(entry.user, (entry.seq, entry.totals));
    }

    /// A line is in the books; a later one may not be.
    pub(super) fn posted(&mut self, entry: &Entry) {
        if self.unposted.get(&entry.user).is_some_and(|(seq, _)| *seq == entry.seq) {
            self.unposted.remove(&entry.user);
        }
    }

    /// What was read of the books is not true any more.
    pub(super) fn forget(&mut self) {
        self.remembered.clear();
    }

    fn person(&mut self, books: &Connection, user: UserId) -> Result<Option<&Person>> {
        if !self.remembered.contains_key(&user) {
            let found = books.prepare_cached(PERSON)?.query_and_then([user.get()], person)?.next();
            let Some(mut person) = found.transpose()? else { return Ok(None) };
            if let Some((seq, totals)) = self.unposted.get(&user) {
                person.move_on(*seq, totals);
            }
            if self.remembered.len() >= REMEMBERED {
                // It starts anew rather than choose whom to forget: who buys is soon
                // remembered again.
                self.forget();
            }
            self.remembered.insert(user, person);
        }
        Ok(self.remembered.get(&user))
    }
}

impl Person {
    fn move_on(&mut self, seq: i64, totals: &Totals) {
        self.seq = seq;
        **self.totals.get_or_insert_default() = *totals;
    }
}

fn person(found: &Row<'_>) -> Result<Person> {
    let seq = row::get::<Option<i64>>(found, 3)?;
    Ok(Person {
        name: row::parse(found, 0, ("users", "name"))?,
        referrer: row::get::<Option<i64>>(found, 1)?.map(UserId::new),
        active: row::get(found, 2)?,
        seq: seq.unwrap_or(0),
        totals: seq.map(|_| row::totals(found, 4).map(Box::new)).transpose()?,
    })
}
