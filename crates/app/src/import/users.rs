//! Members who were registered elsewhere.
//!
//! They are known by their e-mail addresses, and referrers come before those
//! they brought. Each takes a slot of her referrer under the plan that was in
//! force when she joined; whether her referrer is active by now does not matter.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use domain::{Email, ExternalId, Metadata, Name, ReferralCode, Scope, Timestamp, UserId};
use store::{Constraint, Member, NewUser, Tx};

use super::{Found, ImportError, Provenance, Row, Standing, Tally, Warning, note};
use crate::members::CODE_DRAWS;
use crate::terms::Terms;
use crate::{App, Caller, Denied};

/// A member as some other system knew her.
#[derive(Clone, Debug)]
pub struct ImportedUser {
    /// What she is called.
    pub name: Name,
    /// What she is known by.
    pub email: Email,
    /// The code that she gives to others, if she has one already.
    pub code: Option<ReferralCode>,
    /// Who brought her.
    pub referrer: Option<Email>,
    /// When she joined, if that was not just now.
    pub joined_at: Option<Timestamp>,
    /// Whether she earns.
    pub active: bool,
    /// The shop's own number of her.
    pub external_id: Option<ExternalId>,
    /// What the shop has noted of her.
    pub metadata: Metadata,
}

/// Why a member cannot be brought in.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UserRefusal {
    /// The file names her twice.
    #[error("{0} stands in line {1} already")]
    TwiceInFile(Email, u64),
    /// Nobody has joined in the future.
    #[error("nobody has joined in the future")]
    InTheFuture,
    /// Neither the database nor a line before has her referrer.
    #[error("nobody before this line has the e-mail {0}; a referrer comes before those she brought")]
    UnknownReferrer(Email),
    /// Her referrer brought as many as she could.
    #[error("{0} has brought {1} members already, which is the limit")]
    ReferralLimitReached(Email, u32),
    /// She is there, under somebody else.
    #[error("{0} is a member already, and was brought by somebody else")]
    OtherReferrer(Email),
    /// She is there, with another code.
    #[error("{0} is a member already, and has another referral code")]
    OtherCode(Email),
    /// Somebody else has her code.
    #[error("the referral code {0} belongs to somebody else")]
    CodeTaken(ReferralCode),
    /// Somebody else has her external id.
    #[error("the external id \"{0}\" belongs to somebody else")]
    ExternalIdTaken(ExternalId),
}

/// One import of members.
#[derive(Debug)]
pub struct UserImport {
    caller: Caller,
    people: HashMap<Email, Person>,
    codes: HashMap<ReferralCode, u64>,
    external_ids: HashSet<ExternalId>,
}

/// Somebody of the database or of the file.
#[derive(Debug, Default)]
struct Person {
    known: Option<Known>,
    line: Option<u64>,
    joined_at: Option<Timestamp>,
    slots_used: u32,
}

/// What of a member never changes.
#[derive(Clone, Copy, Debug)]
struct Known {
    id: UserId,
    referrer: Option<UserId>,
    code: ReferralCode,
}

impl UserImport {
    /// An import by somebody who may.
    pub fn new(caller: &Caller) -> Result<Self, Denied> {
        caller.require(Scope::Admin)?;
        Ok(Self {
            caller: *caller,
            people: HashMap::new(),
            codes: HashMap::new(),
            external_ids: HashSet::new(),
        })
    }

    /// Looks at the next rows of the file, and writes nothing.
    pub async fn check(
        &mut self,
        app: &App,
        rows: &[Row<ImportedUser>],
    ) -> store::Result<Vec<Result<Found, UserRefusal>>> {
        let named = rows.iter().flat_map(|row| row.new.referrer.iter().chain([&row.new.email]));
        let strangers: Vec<Email> =
            named.filter(|email| !self.people.contains_key(*email)).cloned().collect();
        let codes: Vec<ReferralCode> = rows.iter().filter_map(|row| row.new.code).collect();
        let external_ids: Vec<ExternalId> =
            rows.iter().filter_map(|row| row.new.external_id.clone()).collect();
        let (members, owners, terms) = app
            .store
            .read(async move |view| {
                let mut owners = HashMap::new();
                for code in &codes {
                    owners.extend(view.member_by_code(*code).await?.map(|member| (*code, member.user.id)));
                }
                let members = view.members_by_email(&strangers.iter().collect::<Vec<_>>()).await?;
                let external = view.users_by_external_id(&external_ids.iter().collect::<Vec<_>>()).await?;
                let owners = Owners { codes: owners, external };
                Ok::<_, store::Error>((members, owners, Terms::ever(view).await?))
            })
            .await?;
        for (email, member) in members {
            let (known, joined_at) = (Some(Known::from(&member)), Some(member.user.joined_at));
            self.people.insert(email, Person { known, line: None, joined_at, slots_used: member.slots_used });
        }
        let now = app.now();
        Ok(rows.iter().map(|row| self.check_row(row, now, &owners, &terms)).collect())
    }

    fn check_row(
        &mut self,
        Row { line, new }: &Row<ImportedUser>,
        now: Timestamp,
        owners: &Owners,
        terms: &Terms,
    ) -> Result<Found, UserRefusal> {
        let referrer = new.referrer.as_ref().map(|email| (email, self.people.get(email)));
        let referrer_id = referrer.and_then(|(_, person)| person?.known).map(|known| known.id);
        let is_before =
            |person: Option<&Person>| person.is_some_and(|p| p.known.is_some() || p.line.is_some());
        let unknown = referrer.filter(|(_, person)| !is_before(*person)).map(|(email, _)| email.clone());

        let herself = self.people.entry(new.email.clone()).or_default();
        if let Some(first) = herself.line.replace(*line) {
            herself.line = Some(first);
            return Err(UserRefusal::TwiceInFile(new.email.clone(), first));
        }
        if let Some(known) = herself.known {
            known.must_be(new, referrer_id)?;
            return Ok(Standing::AlreadyThere.into());
        }
        let joined_at = *herself.joined_at.insert(new.joined_at.unwrap_or(now));
        if joined_at > now {
            return Err(UserRefusal::InTheFuture);
        }
        if let Some(code) = new.code
            && (owners.codes.contains_key(&code) || self.codes.insert(code, *line).is_some())
        {
            return Err(UserRefusal::CodeTaken(code));
        }
        if let Some(id) = &new.external_id
            && (owners.external.contains_key(id) || !self.external_ids.insert(id.clone()))
        {
            return Err(UserRefusal::ExternalIdTaken(id.clone()));
        }
        if let Some(email) = unknown {
            return Err(UserRefusal::UnknownReferrer(email));
        }
        let mut warning = None;
        if let Some(email) = &new.referrer {
            let limit = terms.at(joined_at).1.max_direct_referrals;
            let referrer = self.people.entry(email.clone()).or_default();
            if referrer.slots_used >= limit {
                return Err(UserRefusal::ReferralLimitReached(email.clone(), limit));
            }
            referrer.slots_used += 1;
            let after = referrer.joined_at.filter(|at| *at > joined_at);
            warning = after.map(|at| Warning::JoinedBeforeReferrer(email.clone(), at));
        }
        Ok(Found { standing: Standing::New, warning })
    }

    /// Writes the next rows of the file, all or none. Those that are there
    /// already are left alone.
    pub async fn write(
        &self,
        app: &App,
        rows: Vec<Row<ImportedUser>>,
        from: Option<Provenance>,
    ) -> Result<Tally, ImportError<UserRefusal>> {
        let rows: Arc<[_]> = rows.into();
        for _ in 0..CODE_DRAWS {
            let codes: Vec<_> =
                rows.iter().map(|row| row.new.code.unwrap_or_else(|| app.draw_code())).collect();
            let (rows, caller, from, clock) =
                (Arc::clone(&rows), self.caller, from.clone(), Arc::clone(&app.clock));
            let written = app.store.write(async move |tx| {
                let now = clock.now();
                let tally = write_rows(tx, now, &rows, &codes).await?;
                if let Some(from) = from.as_ref().filter(|_| tally.new > 0) {
                    note(tx, &caller, now, "users", from).await?;
                }
                Ok(tally)
            });
            match written.await {
                Err(ImportError::Store(store::Error::Conflict(Constraint::ReferralCode))) => {}
                settled => return settled,
            }
        }
        Err(store::Error::Conflict(Constraint::ReferralCode).into())
    }
}

/// Who has the codes and the external ids of some rows.
struct Owners {
    codes: HashMap<ReferralCode, UserId>,
    external: HashMap<ExternalId, UserId>,
}

async fn write_rows(
    tx: &mut Tx<'_>,
    now: Timestamp,
    rows: &[Row<ImportedUser>],
    codes: &[ReferralCode],
) -> Result<Tally, ImportError<UserRefusal>> {
    let terms = Terms::ever(tx).await?;
    let named: Vec<_> = rows.iter().flat_map(|row| row.new.referrer.iter().chain([&row.new.email])).collect();
    let members = tx.members_by_email(&named).await?;
    let mut people: HashMap<&Email, Known> =
        members.iter().map(|(email, member)| (email, Known::from(member))).collect();
    let mut tally = Tally::default();
    for (Row { line, new }, code) in rows.iter().zip(codes) {
        let refused = |refusal| ImportError::Row { line: *line, refusal };
        let referrer = new.referrer.as_ref().and_then(|email| people.get(email)).map(|known| known.id);
        if let Some(known) = people.get(&new.email) {
            known.must_be(new, referrer).map_err(refused)?;
            tally.count(Standing::AlreadyThere);
            continue;
        }
        let joined_at = new.joined_at.unwrap_or(now);
        let (plan, terms) = terms.at(joined_at);
        if let Some(email) = &new.referrer {
            let id = referrer.ok_or_else(|| refused(UserRefusal::UnknownReferrer(email.clone())))?;
            let limit = terms.max_direct_referrals;
            if !tx.take_slot(id, limit).await? {
                return Err(refused(UserRefusal::ReferralLimitReached(email.clone(), limit)));
            }
        }
        if new.code.is_some() && tx.member_by_code(*code).await?.is_some() {
            return Err(refused(UserRefusal::CodeTaken(*code)));
        }
        if let Some(id) = &new.external_id
            && !tx.users_by_external_id(&[id]).await?.is_empty()
        {
            return Err(refused(UserRefusal::ExternalIdTaken(id.clone())));
        }
        let user = NewUser {
            name: new.name.clone(),
            email: new.email.clone(),
            code: *code,
            referrer,
            plan,
            password_hash: None,
            reference: None,
            external_id: new.external_id.clone(),
            metadata: new.metadata.clone(),
            joined_at,
        };
        let id = tx.insert_user(&user).await?;
        if !new.active {
            tx.set_active(id, false, now).await?;
        }
        people.insert(&new.email, Known { id, referrer, code: *code });
        tally.count(Standing::New);
    }
    Ok(tally)
}

impl Known {
    /// Passes a row that says nothing else of her. `referrer` is the member whom
    /// it names, if she is one.
    fn must_be(&self, new: &ImportedUser, referrer: Option<UserId>) -> Result<(), UserRefusal> {
        let nobody = new.referrer.is_some() && referrer.is_none();
        if nobody || referrer != self.referrer {
            return Err(UserRefusal::OtherReferrer(new.email.clone()));
        }
        if new.code.is_some_and(|code| code != self.code) {
            return Err(UserRefusal::OtherCode(new.email.clone()));
        }
        Ok(())
    }
}

impl From<&Member> for Known {
    fn from(member: &Member) -> Self {
        let user = &member.user;
        Self { id: user.id, referrer: user.referrer, code: user.code }
    }
}
