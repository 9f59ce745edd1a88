//! Members, the tree they form, and when they were active.

use std::collections::HashMap;

use domain::{
    Email, ExternalId, Level, Metadata, Name, PlanVersion, PurchaseId, Reference, ReferralCode, Timestamp,
    User, UserId,
};
use rusqlite::{OptionalExtension, Params, Row, params};

use super::{Onto, Session, row};
use crate::{ActivityChange, Buyer, Credentials, DownlineMember, Error, Member, NewUser, Result, notes};

macro_rules! select_member {
    ($rest:literal) => {
        concat!(
            "select u.id, u.name, u.email, u.code, u.referrer_id, u.joined_at, u.direct_count, u.plan_version, \
             u.active, u.external_id, u.metadata from users u ",
            $rest
        )
    };
}

pub(super) const BY_ID: &str = select_member!("where u.id = ?1");
pub(super) const BY_CODE: &str = select_member!("where u.code = ?1");
pub(super) const BY_EMAIL: &str = select_member!(
    "where u.id = coalesce((select id from users where email = ?1), \
     (select user_id from compared_addresses where compared = ?1))"
);
pub(super) const BY_REFERENCE: &str = select_member!("where u.reference = ?1");
pub(super) const PAGE: &str = select_member!("where u.id < ?1 order by u.id desc limit ?2");
pub(super) const SCAN: &str = select_member!("where u.id > ?1 order by u.id limit ?2");

pub(super) const BY_EXTERNAL_ID: &str = "select id from users where external_id = ?1";
pub(super) const CREDENTIALS: &str = "\
select id, password_hash from users
where id = coalesce((select id from users where email = ?1),
    (select user_id from compared_addresses where compared = ?1))";
pub(super) const NAME_AND_REFERRER: &str = "select name, referrer_id from users where id = ?1";
pub(super) const REFERRER: &str = "select referrer_id from users where id = ?1";

/// Whom one member referred.
pub(super) const BELOW: &str = "\
select u.id, u.name, u.email, u.code, u.referrer_id, u.joined_at, u.active, ?2,
    coalesce(s.amount, 0), coalesce(s.purchases, 0)
from users u left join source_totals s on s.source_id = u.id and s.level = ?2
where u.referrer_id = ?1 order by u.id limit ?3";

pub(super) const COUNT_REFERRALS: &str =
    "select count(*), coalesce(sum(direct_count), 0) from users where referrer_id = ?1";

pub(super) const INSERT: &str = "\
insert into users (name, email, code, referrer_id, plan_version, password_hash, reference, joined_at, external_id,
    metadata)
values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) returning id";
pub(super) const SET_EXTERNAL: &str = "update users set external_id = ?2, metadata = ?3 where id = ?1";

/// The limit is kept by the update itself, whoever else registers meanwhile.
pub(super) const TAKE_SLOT: &str =
    "update users set direct_count = direct_count + 1 where id = ?1 and direct_count < ?2";

pub(super) const SET_ACTIVE: &str = "update users set active = ?2 where id = ?1";
pub(super) const INSERT_ACTIVITY: &str = "\
insert into activity (user_id, number, active, from_purchase, changed_at)
values (?1, (select coalesce(max(number), 0) + 1 from activity where user_id = ?1), ?2,
    (select coalesce(max(id), 0) + 1 from purchases), ?3)";
pub(super) const ACTIVITY: &str = "\
select user_id, active, from_purchase, changed_at from activity where user_id = ?1 order by number";
pub(super) const SCAN_ACTIVITY: &str = "\
select user_id, active, from_purchase, changed_at from activity
where user_id > ?1
    and user_id <= (select max(id) from (select id from users where id > ?1 order by id limit ?2))
order by user_id, number";
pub(super) const FIRST_UNDER: &str =
    "select id from users where id > ?1 and plan_version = ?2 order by id limit 1";

impl Session<'_> {
    pub(crate) fn member(&mut self, id: UserId) -> Result<Option<Member>> {
        self.one_member(BY_ID, [id.get()])
    }

    pub(crate) fn members_by_id(&mut self, ids: &[UserId]) -> Result<HashMap<UserId, Member>> {
        let mut found = HashMap::with_capacity(ids.len());
        for id in ids {
            found.extend(self.member(*id)?.map(|member| (*id, member)));
        }
        Ok(found)
    }

    pub(crate) fn member_by_code(&mut self, code: ReferralCode) -> Result<Option<Member>> {
        self.one_member(BY_CODE, [code.bits().cast_signed()])
    }

    pub(crate) fn member_by_reference(&mut self, reference: &Reference) -> Result<Option<Member>> {
        self.one_member(BY_REFERENCE, [reference.as_str()])
    }

    pub(crate) fn users_by_external_id(
        &mut self,
        ids: &[&ExternalId],
    ) -> Result<HashMap<ExternalId, UserId>> {
        let mut by_id = self.conn.prepare_cached(BY_EXTERNAL_ID)?;
        let mut found = HashMap::with_capacity(ids.len());
        for id in ids {
            let user: Option<i64> = by_id.query_row([id.as_str()], |row| row.get(0)).optional()?;
            found.extend(user.map(|user| ((*id).clone(), UserId::new(user))));
        }
        Ok(found)
    }

    pub(crate) fn members_by_email(&mut self, emails: &[&Email]) -> Result<HashMap<Email, Member>> {
        let mut found = HashMap::new();
        for email in emails {
            if let Some(member) = self.one_member(BY_EMAIL, [email.as_str()])? {
                found.insert((*email).clone(), member);
            }
        }
        Ok(found)
    }

    pub(crate) fn members_page(&mut self, before: Option<UserId>, limit: usize) -> Result<Vec<Member>> {
        let before = before.map_or(i64::MAX, UserId::get);
        self.conn.prepare_cached(PAGE)?.query_and_then([before, row::limit(limit)], member)?.collect()
    }

    pub(crate) fn first_member_under(&mut self, plan: PlanVersion, after: UserId) -> Result<Option<UserId>> {
        let values = [after.get(), plan.get()];
        let id = |found: &Row<'_>| row::user(found, 0);
        self.conn.prepare_cached(FIRST_UNDER)?.query_and_then(values, id)?.next().transpose()
    }

    pub(crate) fn scan_members(&mut self, after: UserId, limit: usize) -> Result<Vec<Member>> {
        self.conn.prepare_cached(SCAN)?.query_and_then([after.get(), row::limit(limit)], member)?.collect()
    }

    pub(crate) fn credentials(&mut self, email: &Email) -> Result<Option<Credentials>> {
        let mut statement = self.conn.prepare_cached(CREDENTIALS)?;
        let found = statement.query_row([email.as_str()], |row| {
            Ok(Credentials { user: UserId::new(row.get(0)?), password_hash: row.get(1)? })
        });
        Ok(found.optional()?)
    }

    pub(crate) fn buyers(&mut self, ids: &[UserId], depth: usize) -> Result<HashMap<UserId, Buyer>> {
        let mut buyers = HashMap::with_capacity(ids.len());
        if let Onto::Journal(tail) = &mut self.onto {
            for id in ids {
                buyers.extend(tail.buyer(self.conn, *id, depth)?.map(|buyer| (*id, buyer)));
            }
            return Ok(buyers);
        }
        let mut of_buyer = self.conn.prepare_cached(NAME_AND_REFERRER)?;
        let mut of_upline = self.conn.prepare_cached(REFERRER)?;
        for id in ids {
            let found = of_buyer.query_and_then([id.get()], |found| {
                Ok::<_, Error>((
                    row::stored(found, 0, ("users", "name"), Name::stored)?,
                    row::get::<Option<i64>>(found, 1)?,
                ))
            });
            let Some((name, mut referrer)) = found?.next().transpose()? else { continue };
            let mut upline = Vec::with_capacity(depth);
            while let Some(id) = referrer
                && upline.len() < depth
            {
                upline.push(UserId::new(id));
                referrer = of_upline.query_row([id], |row| row.get(0))?;
            }
            buyers.insert(*id, Buyer { name, upline });
        }
        Ok(buyers)
    }

    /// Level by level and branch by branch, so that no more is read than is answered.
    pub(crate) fn downline(
        &mut self,
        user: UserId,
        deepest: Level,
        limit: usize,
    ) -> Result<Vec<DownlineMember>> {
        let mut of_member = self.conn.prepare_cached(BELOW)?;
        let mut found: Vec<DownlineMember> = Vec::new();
        let mut above = vec![user];
        for level in Level::all().take_while(|level| *level <= deepest) {
            let first = found.len();
            for referrer in above {
                let values = params![referrer.get(), level.number(), row::limit(limit - found.len())];
                let people: Result<Vec<_>> = of_member.query_and_then(values, below)?.collect();
                found.extend(people?);
            }
            found[first..].sort_unstable_by_key(|person| person.user.id);
            above = found[first..].iter().map(|person| person.user.id).collect();
        }
        Ok(found)
    }

    pub(crate) fn count_referrals(&mut self, user: UserId) -> Result<[i64; 2]> {
        let mut statement = self.conn.prepare_cached(COUNT_REFERRALS)?;
        Ok(statement.query_row([user.get()], |row| Ok([row.get(0)?, row.get(1)?]))?)
    }

    pub(crate) fn insert_user(&mut self, user: &NewUser) -> Result<UserId> {
        let values = params![
            user.name.as_str(),
            user.email.as_str(),
            user.code.bits().cast_signed(),
            user.referrer.map(UserId::get),
            user.plan.get(),
            user.password_hash,
            user.reference.as_ref().map(Reference::as_str),
            user.joined_at.millis(),
            user.external_id.as_ref().map(ExternalId::as_str),
            notes::encode(&user.metadata),
        ];
        let id: i64 = self.conn.prepare_cached(INSERT)?.query_row(values, |row| row.get(0))?;
        self.conn.prepare_cached(INSERT_ACTIVITY)?.execute(params![id, true, user.joined_at.millis()])?;
        Ok(UserId::new(id))
    }

    pub(crate) fn take_slot(&mut self, referrer: UserId, limit: u32) -> Result<bool> {
        let taken = self.conn.prepare_cached(TAKE_SLOT)?.execute(params![referrer.get(), limit])?;
        Ok(taken == 1)
    }

    pub(crate) fn set_external(
        &mut self,
        user: UserId,
        external_id: Option<&ExternalId>,
        metadata: &Metadata,
    ) -> Result<()> {
        let values = params![user.get(), external_id.map(ExternalId::as_str), notes::encode(metadata)];
        self.conn.prepare_cached(SET_EXTERNAL)?.execute(values)?;
        Ok(())
    }

    pub(crate) fn set_active(&mut self, user: UserId, active: bool, at: Timestamp) -> Result<()> {
        self.conn.prepare_cached(SET_ACTIVE)?.execute(params![user.get(), active])?;
        self.conn.prepare_cached(INSERT_ACTIVITY)?.execute(params![user.get(), active, at.millis()])?;
        if let Onto::Books(changed) = &mut self.onto {
            changed.push(user);
        }
        Ok(())
    }

    pub(crate) fn activity(&mut self, user: UserId) -> Result<Vec<ActivityChange>> {
        self.conn.prepare_cached(ACTIVITY)?.query_and_then([user.get()], change)?.collect()
    }

    pub(crate) fn scan_activity(&mut self, after: UserId, limit: usize) -> Result<Vec<ActivityChange>> {
        let values = [after.get(), row::limit(limit)];
        self.conn.prepare_cached(SCAN_ACTIVITY)?.query_and_then(values, change)?.collect()
    }

    fn one_member(&mut self, sql: &str, key: impl Params) -> Result<Option<Member>> {
        self.conn.prepare_cached(sql)?.query_and_then(key, member)?.next().transpose()
    }
}

fn member(found: &Row<'_>) -> Result<Member> {
    Ok(Member {
        user: registered(found)?,
        slots_used: row::get(found, 6)?,
        plan: PlanVersion::new(row::get(found, 7)?),
        active: row::get(found, 8)?,
        external_id: row::stored_option(found, 9, ("users", "external_id"), ExternalId::stored)?,
        metadata: row::metadata(found, 10, ("users", "metadata"))?,
    })
}

pub(super) fn below(found: &Row<'_>) -> Result<DownlineMember> {
    Ok(DownlineMember {
        user: registered(found)?,
        active: row::get(found, 6)?,
        level: row::level(found, 7, ("source_totals", "level"))?,
        earned: row::money(found, 8)?,
        purchases: row::get(found, 9)?,
    })
}

fn change(found: &Row<'_>) -> Result<ActivityChange> {
    Ok(ActivityChange {
        user: row::user(found, 0)?,
        active: row::get(found, 1)?,
        from: PurchaseId::new(row::get(found, 2)?),
        at: row::time(found, 3)?,
    })
}

/// The first six columns of every statement that answers members.
fn registered(found: &Row<'_>) -> Result<User> {
    Ok(User {
        id: row::user(found, 0)?,
        name: row::stored(found, 1, ("users", "name"), Name::stored)?,
        email: row::stored(found, 2, ("users", "email"), Email::stored)?,
        code: ReferralCode::from_bits(row::get::<i64>(found, 3)?.cast_unsigned()),
        referrer: row::get::<Option<i64>>(found, 4)?.map(UserId::new),
        joined_at: row::time(found, 5)?,
    })
}
