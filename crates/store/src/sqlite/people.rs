//! What the clerk knows of people: all that a sale needs, so that the books need
//! not be read again for every one of them.

use std::collections::HashMap;
use std::mem;

use domain::{Account, Entry, Name, Timestamp, Totals, UserId};
use rusqlite::{Connection, Row};

use super::row;
use crate::{Buyer, Result};

pub(super) const PERSON: &str = "\
select u.name, u.referrer_id, u.active, e.seq, e.by_level, e.reversed, e.paid, e.adjusted,
    coalesce(e.booked_through, e.booked_at, e.occurred_at)
from users u left join entries e on e.user_id = u.id
where u.id = ?1 order by e.seq desc limit 1";
pub(super) const AFTER: &str = "\
select u.name, u.referrer_id, u.active, e.seq, e.by_level, e.reversed, e.paid, e.adjusted,
    coalesce(e.booked_through, e.booked_at, e.occurred_at), u.id
from users u left join entries e
    on e.user_id = u.id and e.seq = (select max(seq) from entries where user_id = u.id)
where u.id > ?1 order by u.id limit ?2";

/// People in one generation: about 200 MB of them, if there are that many.
const GENERATION: usize = if cfg!(test) { 1 } else { 1_000_000 };

/// People who are read at a time: some 2 ms.
const PAGE: usize = 512;

/// Members as they stand at the end of the journal. There are two generations of
/// them: when the younger one is full the elder is forgotten, and with it whoever
/// has not been needed since.
#[derive(Default)]
pub(super) struct People {
    younger: HashMap<UserId, Person>,
    elder: HashMap<UserId, Person>,
    /// How far they were read in the order of their ids, in which those who stand
    /// on one page of the books come together.
    read_to: i64,
    /// The accounts that the books do not show yet.
    unposted: HashMap<UserId, Head>,
}

/// One member. Most have earned nothing yet.
struct Person {
    name: Name,
    referrer: Option<UserId>,
    active: bool,
    head: Option<Box<Head>>,
}

/// The end of a ledger: what an account is made of.
#[derive(Clone, Copy)]
struct Head {
    seq: i64,
    totals: Totals,
    booked_through: Timestamp,
}

impl Head {
    fn of(entry: &Entry) -> Self {
        Self { seq: entry.seq, totals: entry.totals, booked_through: entry.booked_through }
    }
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
        Ok(self.person(books, user)?.map(|Person { active, head, .. }| match head.as_deref() {
            None => Account { active: *active, ..Account::new(user) },
            Some(Head { seq, totals, booked_through }) => {
                Account { user, active: *active, seq: *seq, totals: *totals, booked_through: *booked_through }
            }
        }))
    }

    /// Reads some of those who are not known yet.
    pub(super) fn read_on(&mut self, books: &Connection) -> Result<()> {
        if self.read_to == i64::MAX {
            return Ok(());
        }
        let mut page = books.prepare_cached(AFTER)?;
        let mut rows = page.query([self.read_to, row::limit(PAGE)])?;
        let mut read = 0;
        while let Some(found) = rows.next()? {
            let user = row::user(found, 9)?;
            if !self.remembers(user) {
                self.remember(user, person(found)?);
            }
            (self.read_to, read) = (user.get(), read + 1);
        }
        if read < PAGE || self.younger.len() + PAGE > GENERATION {
            self.read_to = i64::MAX;
        }
        Ok(())
    }

    /// A line is written down.
    pub(super) fn add(&mut self, entry: &Entry) {
        for generation in [&mut self.younger, &mut self.elder] {
            if let Some(person) = generation.get_mut(&entry.user) {
                person.move_on(Head::of(entry));
            }
        }
        self.unposted.insert(entry.user, Head::of(entry));
    }

    /// A line is in the books; a later one may not be.
    pub(super) fn posted(&mut self, entry: &Entry) {
        if self.unposted.get(&entry.user).is_some_and(|head| head.seq == entry.seq) {
            self.unposted.remove(&entry.user);
        }
    }

    /// What was read of her is not true any more.
    pub(super) fn forget(&mut self, user: UserId) {
        self.younger.remove(&user);
        self.elder.remove(&user);
    }

    /// What was read of the books is not true any more.
    pub(super) fn forget_all(&mut self) {
        self.younger.clear();
        self.elder.clear();
        self.read_to = 0;
    }

    fn person(&mut self, books: &Connection, user: UserId) -> Result<Option<&Person>> {
        if !self.younger.contains_key(&user) {
            let mut found = self.elder.remove(&user);
            if found.is_none() {
                let mut read = books.prepare_cached(PERSON)?;
                found = read.query_and_then([user.get()], person)?.next().transpose()?;
            }
            let Some(found) = found else { return Ok(None) };
            self.remember(user, found);
        }
        Ok(self.younger.get(&user))
    }

    fn remembers(&self, user: UserId) -> bool {
        self.younger.contains_key(&user) || self.elder.contains_key(&user)
    }

    fn remember(&mut self, user: UserId, mut person: Person) {
        if let Some(head) = self.unposted.get(&user) {
            person.move_on(*head);
        }
        if self.younger.len() >= GENERATION {
            self.elder = mem::take(&mut self.younger);
        }
        self.younger.insert(user, person);
    }
}

impl Person {
    fn move_on(&mut self, head: Head) {
        match &mut self.head {
            Some(here) => **here = head,
            none => *none = Some(Box::new(head)),
        }
    }
}

fn person(found: &Row<'_>) -> Result<Person> {
    let head = match row::get::<Option<i64>>(found, 3)? {
        None => None,
        Some(seq) => {
            let (totals, booked_through) = (row::totals(found, 4)?, row::time(found, 8)?);
            Some(Box::new(Head { seq, totals, booked_through }))
        }
    };
    Ok(Person {
        name: row::stored(found, 0, ("users", "name"), Name::stored)?,
        referrer: row::get::<Option<i64>>(found, 1)?.map(UserId::new),
        active: row::get(found, 2)?,
        head,
    })
}
