//! Members: what was registered reads back, what must be unique is, and lists
//! are in order.

use domain::{ExternalId, Metadata, PurchaseId, ReferralCode, User, UserId};
use store::{ActivityChange, Constraint, Error, Member, NewUser};

use crate::engines::Fresh;
use crate::values::{FIRST_PLAN, at, reference, user};

on_every_engine! {
    everything_about_a_member_reads_back_exactly,
    a_member_is_found_by_each_of_her_names,
    what_the_shop_keeps_with_a_member_reads_back_and_changes,
    an_external_id_is_found_while_sales_are_written_down,
    members_are_found_by_their_ids_at_once,
    members_are_found_by_their_addresses_at_once,
    nobody_is_found_by_what_nobody_has,
    what_must_be_unique_is_refused_by_name,
    references_are_optional_for_any_number_of_members,
    pages_run_from_the_newest_down,
    scans_run_from_the_oldest_up,
    every_activation_is_kept,
    changes_within_the_same_millisecond_are_kept_in_their_order,
    changes_are_scanned_with_the_members_they_are_of,
}

/// The member that this registration must have made.
fn expected(id: UserId, new: &NewUser) -> Member {
    let NewUser { name, email, code, referrer, plan, joined_at, external_id, metadata, .. } = new.clone();
    let user = User { id, name, email, code, referrer, joined_at };
    Member { user, active: true, slots_used: 0, plan, external_id, metadata }
}

async fn everything_about_a_member_reads_back_exactly(db: Fresh) {
    let second_plan = db.write(async |tx| tx.append_plan(&domain::Plan::default(), at(5), at(5)).await).await;
    let [root] = db.members([None]).await;
    let table = [
        ("आशा राव", "asha@example.com", 0, None, None, FIRST_PLAN, 0),
        (
            "李小龙 🌳",
            "lee@sub.example.com",
            (1 << 50) - 1,
            Some(root),
            Some("$argon2id$v=19$x"),
            second_plan,
            1,
        ),
        ("O'Brien; drop table users --", "o'brien@example.com", 77, Some(root), None, second_plan, i64::MAX),
        (&"𝕏".repeat(100), "ж@example.com", 1 << 49, None, Some(""), FIRST_PLAN, -1),
    ];
    for (name, email, bits, referrer, hash, plan, joined_at) in table {
        let new = NewUser {
            name: name.parse().unwrap(),
            email: email.parse().unwrap(),
            code: ReferralCode::from_bits(bits),
            referrer,
            plan,
            password_hash: hash.map(str::to_owned),
            reference: None,
            external_id: None,
            metadata: domain::Metadata::default(),
            joined_at: at(joined_at),
        };
        let inserted = new.clone();
        let id = db.write(async move |tx| tx.insert_user(&inserted).await).await;
        let found = db.read(async move |view| view.member(id).await).await;
        assert_eq!(found, Some(expected(id, &new)));
        let credentials = db.read(async move |view| view.credentials(&new.email).await).await.unwrap();
        assert_eq!((credentials.user, credentials.password_hash.as_deref()), (id, hash));
    }
}

async fn a_member_is_found_by_each_of_her_names(db: Fresh) {
    db.members([None, None]).await;
    let new = NewUser { reference: Some(reference("crm 7/a")), ..user(9) };
    let inserted = new.clone();
    let id = db.write(async move |tx| tx.insert_user(&inserted).await).await;
    let found = db
        .read(async move |view| {
            Ok([
                view.member(id).await?,
                view.member_by_code(new.code).await?,
                view.member_by_reference(&reference("crm 7/a")).await?,
            ])
        })
        .await;
    assert_eq!(found, std::array::from_fn(|_| Some(expected(id, &new))));
}

fn external(text: &str) -> ExternalId {
    text.parse().unwrap()
}

async fn what_the_shop_keeps_with_a_member_reads_back_and_changes(db: Fresh) {
    let notes = Metadata::default().with("cart \"7\"", Some("é\n💚")).unwrap();
    let new = NewUser { external_id: Some(external("Kunde/7 é")), metadata: notes, ..user(9) };
    let inserted = new.clone();
    let id = db.write(async move |tx| tx.insert_user(&inserted).await).await;
    let kept = async || {
        let member = db.read(async move |view| view.member(id).await).await.unwrap();
        (member.external_id, member.metadata)
    };
    assert_eq!(kept().await, (new.external_id.clone(), new.metadata.clone()));
    let other = db.write(async |tx| tx.insert_user(&user(10)).await).await;
    let asked = ["Kunde/7 é", "kunde/7 é", "nobody"].map(external);
    db.read(async move |view| {
        let found = view.users_by_external_id(&asked.each_ref()).await?;
        assert_eq!(found.into_iter().collect::<Vec<_>>(), [(asked[0].clone(), id)]);
        assert!(view.users_by_external_id(&[]).await?.is_empty());
        Ok(())
    })
    .await;
    db.write(async move |tx| tx.set_external(id, Some(&external("8")), &Metadata::default()).await).await;
    assert_eq!(kept().await, (Some(external("8")), Metadata::default()));
    let taken = db
        .refused(async move |tx| tx.set_external(other, Some(&external("8")), &Metadata::default()).await)
        .await;
    assert!(matches!(taken, Error::Conflict(Constraint::ExternalId)), "{taken:?}");
    db.write(async move |tx| {
        tx.set_external(id, None, &Metadata::default()).await?;
        tx.set_external(other, Some(&external("8")), &Metadata::default()).await
    })
    .await;
    assert_eq!(kept().await, (None, Metadata::default()));
}

async fn an_external_id_is_found_while_sales_are_written_down(db: Fresh) {
    let [asha, bina] = db.members([None; 2]).await;
    let look = async || {
        let found = async |tx: &mut store::Tx<'_>| {
            Ok(tx.users_by_external_id(&[&external("1")]).await?.remove(&external("1")))
        };
        db.store.record(found).await.map_err(|error: Error| panic!("{error}")).unwrap()
    };
    assert_eq!(look().await, None);
    db.write(async move |tx| tx.set_external(asha, Some(&external("1")), &Metadata::default()).await).await;
    assert_eq!(look().await, Some(asha));
    db.write(async move |tx| {
        tx.set_external(asha, None, &Metadata::default()).await?;
        tx.set_external(bina, Some(&external("1")), &Metadata::default()).await
    })
    .await;
    assert_eq!(look().await, Some(bina));
}

async fn members_are_found_by_their_ids_at_once(db: Fresh) {
    let [first, _, third] = db.members([None, None, None]).await;
    db.read(async move |view| {
        let found = view.members_by_id(&[third, UserId::new(404), first, third]).await?;
        assert_eq!(found.len(), 2);
        for id in [first, third] {
            assert_eq!(found.get(&id), view.member(id).await?.as_ref());
        }
        assert!(view.members_by_id(&[]).await?.is_empty());
        Ok(())
    })
    .await;
}

async fn members_are_found_by_their_addresses_at_once(db: Fresh) {
    let [first, _, third] = db.members([None, None, None]).await;
    let emails = ["member3@example.com", "member1@example.com", "nobody@example.com", "member3@example.com"];
    let emails: Vec<domain::Email> = emails.iter().map(|email| email.parse().unwrap()).collect();
    let asked = emails.clone();
    let found =
        db.read(async move |view| view.members_by_email(&asked.iter().collect::<Vec<_>>()).await).await;
    let id = |email: &domain::Email| found.get(email).map(|member| member.user.id);
    assert_eq!(emails.iter().map(id).collect::<Vec<_>>(), [Some(third), Some(first), None, Some(third)]);
    let member = db.read(async move |view| view.member(first).await).await;
    assert_eq!(found.get(&emails[1]), member.as_ref());
    assert!(db.read(async move |view| view.members_by_email(&[]).await).await.is_empty());
}

async fn nobody_is_found_by_what_nobody_has(db: Fresh) {
    db.members([None]).await;
    db.read(async move |view| {
        for id in [-1, 0, 2, i64::MAX] {
            assert_eq!(view.member(UserId::new(id)).await?, None);
        }
        assert_eq!(view.member_by_code(ReferralCode::from_bits(2)).await?, None);
        assert_eq!(view.member_by_reference(&reference("member1@example.com")).await?, None);
        assert!(view.credentials(&"member2@example.com".parse().unwrap()).await?.is_none());
        assert_eq!(view.activity(UserId::new(2)).await?, []);
        Ok(())
    })
    .await;
}

async fn what_must_be_unique_is_refused_by_name(db: Fresh) {
    let external_id = Some(external("customer-1"));
    let first = NewUser { reference: Some(reference("r")), external_id, ..user(1) };
    let taken = first.clone();
    db.write(async move |tx| tx.insert_user(&taken).await).await;
    let table = [
        (NewUser { email: first.email, ..user(2) }, Constraint::Email),
        (NewUser { code: first.code, ..user(2) }, Constraint::ReferralCode),
        (NewUser { reference: first.reference, ..user(2) }, Constraint::RegistrationReference),
        (NewUser { external_id: first.external_id, ..user(2) }, Constraint::ExternalId),
    ];
    for (new, constraint) in table {
        let refused = db.refused(async move |tx| tx.insert_user(&new).await).await;
        assert!(matches!(refused, Error::Conflict(c) if c == constraint), "{refused:?}, not {constraint:?}");
    }
    let everybody = db.read(async move |view| view.members_page(None, 100).await).await;
    assert_eq!(everybody.len(), 1);
}

async fn references_are_optional_for_any_number_of_members(db: Fresh) {
    let ids = db.members([None; 5]).await;
    assert!(ids.is_sorted());
}

async fn pages_run_from_the_newest_down(db: Fresh) {
    let ids = db.members([None; 5]).await;
    let page = async |before: Option<UserId>, limit| {
        let members = db.read(async move |view| view.members_page(before, limit).await).await;
        members.iter().map(|member| member.user.id).collect::<Vec<_>>()
    };
    let newest_first: Vec<_> = ids.into_iter().rev().collect();
    assert_eq!(page(None, 100).await, newest_first);
    assert_eq!(page(None, usize::MAX).await, newest_first);
    assert_eq!(page(None, 2).await, newest_first[..2]);
    assert_eq!(page(Some(newest_first[1]), 2).await, newest_first[2..4]);
    assert_eq!(page(Some(newest_first[3]), 2).await, newest_first[4..]);
    assert_eq!(page(Some(newest_first[4]), 2).await, []);
    assert_eq!(page(None, 0).await, []);
}

async fn scans_run_from_the_oldest_up(db: Fresh) {
    let ids = db.members([None; 5]).await;
    let scan = async |after: i64, limit| {
        let members = db.read(async move |view| view.scan_members(UserId::new(after), limit).await).await;
        members.iter().map(|member| member.user.id).collect::<Vec<_>>()
    };
    assert_eq!(scan(0, 100).await, ids);
    assert_eq!(scan(0, 2).await, ids[..2]);
    assert_eq!(scan(ids[1].get(), 2).await, ids[2..4]);
    assert_eq!(scan(ids[4].get(), 2).await, []);
}

async fn every_activation_is_kept(db: Fresh) {
    let [asha, bina] = db.members([None, None]).await;
    db.write(async move |tx| {
        tx.set_active(asha, false, at(100)).await?;
        tx.set_active(asha, true, at(200)).await?;
        tx.set_active(asha, false, at(300)).await
    })
    .await;
    db.read(async move |view| {
        let change =
            |user, time, active| ActivityChange { user, active, from: PurchaseId::new(1), at: at(time) };
        let changes = [(1, true), (100, false), (200, true), (300, false)];
        let changes = changes.map(|(time, active)| change(asha, time, active));
        assert_eq!(view.activity(asha).await?, changes);
        assert_eq!(view.activity(bina).await?, [change(bina, 2, true)]);
        for (user, active) in [(asha, false), (bina, true)] {
            assert_eq!(view.member(user).await?.unwrap().active, active);
            assert_eq!(view.account(user).await?.unwrap().active, active);
        }
        Ok(())
    })
    .await;
}

async fn changes_within_the_same_millisecond_are_kept_in_their_order(db: Fresh) {
    let [asha] = db.members([None]).await;
    db.write(async move |tx| tx.set_active(asha, false, at(1)).await).await;
    let changes = db.read(async move |view| view.activity(asha).await).await;
    assert_eq!(changes.iter().map(|change| change.active).collect::<Vec<_>>(), [true, false]);
    assert!(!db.read(async move |view| view.member(asha).await).await.unwrap().active);
}

async fn changes_are_scanned_with_the_members_they_are_of(db: Fresh) {
    let ids = db.members([None; 5]).await;
    db.write(async move |tx| {
        tx.set_active(ids[3], false, at(100)).await?;
        tx.set_active(ids[1], false, at(200)).await?;
        tx.set_active(ids[1], true, at(300)).await
    })
    .await;
    for (after, limit) in [(0, 100), (0, 2), (ids[1].get(), 2), (ids[2].get(), 1), (ids[4].get(), 2), (0, 0)]
    {
        db.read(async move |view| {
            let mut changes = Vec::new();
            for member in view.scan_members(UserId::new(after), limit).await? {
                changes.extend(view.activity(member.user.id).await?);
            }
            assert_eq!(
                view.scan_activity(UserId::new(after), limit).await?,
                changes,
                "{limit} after {after}"
            );
            Ok(())
        })
        .await;
    }
}
