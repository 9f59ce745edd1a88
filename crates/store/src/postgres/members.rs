//! Members, the tree they form, and when they were active.

use std::collections::HashMap;
use std::sync::Arc;

use domain::{
    Email, ExternalId, Level, Metadata, Name, PlanVersion, PurchaseId, Reference, ReferralCode, Timestamp,
    User, UserId,
};
use tokio_postgres::Row;

use super::{Session, row};
use crate::{ActivityChange, Buyer, Credentials, DownlineMember, Member, NewUser, Result, notes};

macro_rules! select_member {
    ($more:literal, $rest:literal) => {
        concat!(
            "select u.id, u.name, u.email, u.code, u.referrer_id, u.joined_at, u.active",
            $more,
            " from users u ",
            $rest
        )
    };
}

pub(super) const BY_ID: &str =
    select_member!(", u.direct_count, u.plan_version, u.external_id, u.metadata", "where u.id = $1");
pub(super) const BY_IDS: &str =
    select_member!(", u.direct_count, u.plan_version, u.external_id, u.metadata", "where u.id = any ($1)");
pub(super) const BY_CODE: &str =
    select_member!(", u.direct_count, u.plan_version, u.external_id, u.metadata", "where u.code = $1");
pub(super) const BY_EMAILS: &str = select_member!(
    ", u.direct_count, u.plan_version, u.external_id, u.metadata",
    "where u.id in (select id from users where email = any ($1) \
     union all select user_id from compared_addresses where compared = any ($1))"
);
pub(super) const BY_REFERENCE: &str =
    select_member!(", u.direct_count, u.plan_version, u.external_id, u.metadata", "where u.reference = $1");
pub(super) const PAGE: &str = select_member!(
    ", u.direct_count, u.plan_version, u.external_id, u.metadata",
    "where u.id < $1 order by u.id desc limit $2"
);
pub(super) const SCAN: &str = select_member!(
    ", u.direct_count, u.plan_version, u.external_id, u.metadata",
    "where u.id > $1 order by u.id limit $2"
);

pub(super) const BY_EXTERNAL_IDS: &str = "select external_id, id from users where external_id = any ($1)";
pub(super) const CREDENTIALS: &str = "\
select id, password_hash from users
where id = coalesce((select id from users where email = $1),
    (select user_id from compared_addresses where compared = $1))";

/// The `limit` keeps the planner from reading all of `users` for each level.
pub(super) const BUYERS: &str = "\
with recursive above (buyer_id, depth, referrer_id) as (
    select id, 0::bigint, referrer_id from users where id = any ($1)
    union all
    select above.buyer_id, above.depth + 1, u.referrer_id from above
    cross join lateral (select referrer_id from users where id = above.referrer_id limit 1) u
    where above.depth < $2
)
select u.id, u.name, array_agg(above.referrer_id order by above.depth)
    filter (where above.depth < $2 and above.referrer_id is not null)
from above join users u on u.id = above.buyer_id group by u.id, u.name";

/// One level of a downline: whom those of the level above referred, one after
/// the other, so that no more is read than is answered.
pub(super) const BELOW: &str = "\
select u.id, u.name, u.email, u.code, u.referrer_id, u.joined_at, u.active,
    coalesce(s.amount, 0), coalesce(s.purchases, 0)
from unnest($1::bigint[]) above (id)
cross join lateral (select * from users where referrer_id = above.id order by id limit $3) u
left join lateral (select amount, purchases from source_totals where source_id = u.id and level = $2 limit 1) s
    on true
limit $3";

pub(super) const COUNT_REFERRALS: &str =
    "select count(*), coalesce(sum(direct_count), 0)::bigint from users where referrer_id = $1";

pub(super) const INSERT: &str = "\
insert into users (name, email, code, referrer_id, plan_version, password_hash, reference, joined_at, external_id,
    metadata)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) returning id";
pub(super) const SET_EXTERNAL: &str = "update users set external_id = $2, metadata = $3 where id = $1";

/// The limit is kept by the update itself, whoever else registers meanwhile.
pub(super) const TAKE_SLOT: &str =
    "update users set direct_count = direct_count + 1 where id = $1 and direct_count < $2";

pub(super) const SET_ACTIVE: &str = "update users set active = $2 where id = $1";

/// The first purchase that reads the change has the next id of the sequence.
/// This runs while the member's row is locked, and a purchase draws its ids
/// while the rows of all its earners are. So whatever was decided by what she
/// was before has an id that was drawn already, and whatever will be decided
/// by what she is now draws one later.
pub(super) const INSERT_ACTIVITY: &str = "\
insert into activity (user_id, number, active, from_purchase, changed_at)
select $1, (select coalesce(max(number), 0) + 1 from activity where user_id = $1), $2,
    case when is_called then last_value + 1 else last_value end, $3
from purchase_ids";
pub(super) const ACTIVITY: &str = "\
select user_id, active, from_purchase, changed_at from activity where user_id = $1 order by number";
pub(super) const SCAN_ACTIVITY: &str = "\
select user_id, active, from_purchase, changed_at from activity
where user_id > $1
    and user_id <= (select max(id) from (select id from users where id > $1 order by id limit $2) page)
order by user_id, number";
pub(super) const FIRST_UNDER: &str =
    "select id from users where id > $1 and plan_version = $2 order by id limit 1";

impl Session<'_> {
    pub(crate) async fn member(&mut self, id: UserId) -> Result<Option<Member>> {
        self.open.row(BY_ID, &[&id.get()], member).await
    }

    pub(crate) async fn members_by_id(&mut self, ids: &[UserId]) -> Result<HashMap<UserId, Member>> {
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let ids = row::column(ids, |id| id.get());
        let found = self.open.rows(BY_IDS, &[&ids], member).await?;
        Ok(found.into_iter().map(|member| (member.user.id, member)).collect())
    }

    pub(crate) async fn member_by_code(&mut self, code: ReferralCode) -> Result<Option<Member>> {
        self.open.row(BY_CODE, &[&code.bits().cast_signed()], member).await
    }

    pub(crate) async fn member_by_reference(&mut self, reference: &Reference) -> Result<Option<Member>> {
        self.open.row(BY_REFERENCE, &[&reference.as_str()], member).await
    }

    pub(crate) async fn users_by_external_id(
        &mut self,
        ids: &[&ExternalId],
    ) -> Result<HashMap<ExternalId, UserId>> {
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let ids = row::column(ids, |id| id.as_str());
        let named = |found: &Row| {
            Ok((row::stored(found, 0, ("users", "external_id"), ExternalId::stored)?, row::user(found, 1)?))
        };
        Ok(self.open.rows(BY_EXTERNAL_IDS, &[&ids], named).await?.into_iter().collect())
    }

    pub(crate) async fn members_by_email(&mut self, emails: &[&Email]) -> Result<HashMap<Email, Member>> {
        if emails.is_empty() {
            return Ok(HashMap::new());
        }
        let emails = row::column(emails, |email| email.as_str());
        let found = self.open.rows(BY_EMAILS, &[&emails], member).await?;
        Ok(found.into_iter().map(|member| (member.user.email.clone(), member)).collect())
    }

    pub(crate) async fn members_page(&mut self, before: Option<UserId>, limit: usize) -> Result<Vec<Member>> {
        let before = before.map_or(i64::MAX, UserId::get);
        self.open.rows(PAGE, &[&before, &row::limit(limit)], member).await
    }

    pub(crate) async fn first_member_under(
        &mut self,
        plan: PlanVersion,
        after: UserId,
    ) -> Result<Option<UserId>> {
        self.open.be_patient().await?;
        self.open.row(FIRST_UNDER, &[&after.get(), &plan.get()], |found| row::user(found, 0)).await
    }

    pub(crate) async fn scan_members(&mut self, after: UserId, limit: usize) -> Result<Vec<Member>> {
        self.open.rows(SCAN, &[&after.get(), &row::limit(limit)], member).await
    }

    pub(crate) async fn credentials(&mut self, email: &Email) -> Result<Option<Credentials>> {
        let credentials =
            |found: &Row| Ok(Credentials { user: row::user(found, 0)?, password_hash: row::get(found, 1)? });
        self.open.row(CREDENTIALS, &[&email.as_str()], credentials).await
    }

    pub(crate) async fn buyers(&mut self, ids: &[UserId], depth: usize) -> Result<HashMap<UserId, Buyer>> {
        if !self.open.writes_and_has_not_yet() {
            return Ok(self.read_buyers(ids, depth).await?.into_iter().collect());
        }
        let buyers = Arc::clone(&self.open.buyers);
        let (mut known, left) = buyers.known(ids, depth);
        let read = self.read_buyers(&left, depth).await?;
        buyers.remember(&read, depth);
        known.extend(read);
        Ok(known)
    }

    async fn read_buyers(&mut self, ids: &[UserId], depth: usize) -> Result<Vec<(UserId, Buyer)>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let ids = row::column(ids, |id| id.get());
        self.open.rows(BUYERS, &[&ids, &row::limit(depth)], buyer).await
    }

    /// Level by level, so that no more is read than is answered.
    pub(crate) async fn downline(
        &mut self,
        user: UserId,
        deepest: Level,
        limit: usize,
    ) -> Result<Vec<DownlineMember>> {
        let mut found: Vec<DownlineMember> = Vec::new();
        let mut above = vec![user.get()];
        for level in Level::all().take_while(|level| *level <= deepest) {
            let (number, left) = (i64::from(level.number()), row::limit(limit - found.len()));
            let of_level = |found: &Row| below(found, level);
            let mut people = self.open.rows(BELOW, &[&above, &number, &left], of_level).await?;
            people.sort_unstable_by_key(|person| person.user.id);
            above = row::column(&people, |person| person.user.id.get());
            found.extend(people);
            if above.is_empty() || found.len() == limit {
                break;
            }
        }
        Ok(found)
    }

    pub(crate) async fn count_referrals(&mut self, user: UserId) -> Result<[i64; 2]> {
        let counts = |found: &Row| Ok([row::get(found, 0)?, row::get(found, 1)?]);
        Ok(self.open.row(COUNT_REFERRALS, &[&user.get()], counts).await?.unwrap_or_default())
    }

    pub(crate) async fn insert_user(&mut self, user: &NewUser) -> Result<UserId> {
        let id = self
            .open
            .insert(
                INSERT,
                &[
                    &user.name.as_str(),
                    &user.email.as_str(),
                    &user.code.bits().cast_signed(),
                    &user.referrer.map(UserId::get),
                    &user.plan.get(),
                    &user.password_hash,
                    &user.reference.as_ref().map(Reference::as_str),
                    &user.joined_at.millis(),
                    &user.external_id.as_ref().map(ExternalId::as_str),
                    &notes::encode(&user.metadata),
                ],
            )
            .await?;
        self.open.change(INSERT_ACTIVITY, &[&id, &true, &user.joined_at.millis()]).await?;
        Ok(UserId::new(id))
    }

    pub(crate) async fn take_slot(&mut self, referrer: UserId, limit: u32) -> Result<bool> {
        Ok(self.open.change(TAKE_SLOT, &[&referrer.get(), &i64::from(limit)]).await? == 1)
    }

    pub(crate) async fn set_external(
        &mut self,
        user: UserId,
        external_id: Option<&ExternalId>,
        metadata: &Metadata,
    ) -> Result<()> {
        let (id, notes) = (external_id.map(ExternalId::as_str), notes::encode(metadata));
        self.open.change(SET_EXTERNAL, &[&user.get(), &id, &notes]).await.map(drop)
    }

    pub(crate) async fn set_active(&mut self, user: UserId, active: bool, at: Timestamp) -> Result<()> {
        self.open.change(SET_ACTIVE, &[&user.get(), &active]).await?;
        self.open.change(INSERT_ACTIVITY, &[&user.get(), &active, &at.millis()]).await.map(drop)
    }

    pub(crate) async fn activity(&mut self, user: UserId) -> Result<Vec<ActivityChange>> {
        self.open.rows(ACTIVITY, &[&user.get()], change).await
    }

    pub(crate) async fn scan_activity(&mut self, after: UserId, limit: usize) -> Result<Vec<ActivityChange>> {
        self.open.rows(SCAN_ACTIVITY, &[&after.get(), &row::limit(limit)], change).await
    }
}

fn member(found: &Row) -> Result<Member> {
    Ok(Member {
        user: registered(found)?,
        active: row::get(found, 6)?,
        slots_used: row::count(found, 7, ("users", "direct_count"))?,
        plan: PlanVersion::new(row::get(found, 8)?),
        external_id: row::stored_option(found, 9, ("users", "external_id"), ExternalId::stored)?,
        metadata: row::metadata(found, 10, ("users", "metadata"))?,
    })
}

pub(super) fn below(found: &Row, level: Level) -> Result<DownlineMember> {
    Ok(DownlineMember {
        user: registered(found)?,
        active: row::get(found, 6)?,
        level,
        earned: row::money(found, 7)?,
        purchases: row::get(found, 8)?,
    })
}

/// The first six columns of every statement that answers members.
fn registered(found: &Row) -> Result<User> {
    Ok(User {
        id: row::user(found, 0)?,
        name: row::stored(found, 1, ("users", "name"), Name::stored)?,
        email: row::stored(found, 2, ("users", "email"), Email::stored)?,
        code: ReferralCode::from_bits(row::get::<i64>(found, 3)?.cast_unsigned()),
        referrer: row::get::<Option<i64>>(found, 4)?.map(UserId::new),
        joined_at: row::time(found, 5)?,
    })
}

fn buyer(found: &Row) -> Result<(UserId, Buyer)> {
    let upline: Option<Vec<i64>> = row::get(found, 2)?;
    let upline = upline.unwrap_or_default().into_iter().map(UserId::new).collect();
    Ok((
        row::user(found, 0)?,
        Buyer { name: row::stored(found, 1, ("users", "name"), Name::stored)?, upline },
    ))
}

fn change(found: &Row) -> Result<ActivityChange> {
    Ok(ActivityChange {
        user: row::user(found, 0)?,
        active: row::get(found, 1)?,
        from: PurchaseId::new(row::get(found, 2)?),
        at: row::time(found, 3)?,
    })
}
