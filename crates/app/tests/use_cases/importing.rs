//! Bringing in members and purchases: looked at whole, written by the chunk,
//! once each however often it is run.

use app::import::{
    CHUNK, Found, ImportError, ImportedPurchase, ImportedUser, Pace, Provenance, PurchaseImport, Row,
    Standing, Tally, UserImport,
};
use app::plans::{self, Begins};
use app::purchases::Payer;
use app::{Caller, Denied};
use domain::{Email, Plan, Reference, Scope, Timestamp, UserId};

use crate::world::{ADMIN, START, World, money, reference, sale, sale_as, seconds, service};

fn email(name: &str) -> Email {
    format!("{}@example.com", name.to_lowercase()).parse().unwrap()
}

/// Somebody, brought by somebody or nobody.
fn user(name: &str, referrer: &str) -> ImportedUser {
    ImportedUser {
        name: name.parse().unwrap(),
        email: email(name),
        code: None,
        referrer: (!referrer.is_empty()).then(|| email(referrer)),
        joined_at: None,
        active: true,
        external_id: None,
        metadata: domain::Metadata::default(),
    }
}

fn purchase(text: &str, buyer: &str, amount: &str) -> ImportedPurchase {
    ImportedPurchase {
        buyer: email(buyer),
        amount: money(amount),
        reference: reference(text),
        exported: None,
        occurred_at: None,
        payer: Payer::Programme,
        metadata: domain::Metadata::default(),
    }
}

/// Rows in lines 2, 3, …
fn rows<T>(new: impl IntoIterator<Item = T>) -> Vec<Row<T>> {
    (2..).zip(new).map(|(line, new)| Row { line, new }).collect()
}

fn told<E: ToString>(checked: Vec<Result<Found, E>>) -> Vec<String> {
    let word = |found: Found| match found.standing {
        Standing::New => "new".to_owned(),
        Standing::AlreadyThere => "there".to_owned(),
    };
    checked.into_iter().map(|checked| checked.map_or_else(|error| error.to_string(), word)).collect()
}

/// What each row is warned of, all of which can come in as new.
fn warnings<E: std::fmt::Debug>(checked: Vec<Result<Found, E>>) -> Vec<String> {
    let warning = |found: Result<Found, E>| match found.unwrap() {
        Found { standing: Standing::New, warning } => warning.map_or_else(String::new, |w| w.to_string()),
        found => panic!("{found:?}"),
    };
    checked.into_iter().map(warning).collect()
}

async fn look_at_users(world: &World, users: Vec<ImportedUser>) -> Vec<String> {
    told(UserImport::new(&ADMIN).unwrap().check(&world.app, &rows(users)).await.unwrap())
}

async fn look_at_purchases(world: &World, purchases: Vec<ImportedPurchase>) -> Vec<String> {
    told(PurchaseImport::new(&ADMIN).unwrap().check(&world.app, &rows(purchases)).await.unwrap())
}

fn from(file: &str) -> Provenance {
    Provenance { file: file.into(), found: Tally { new: 1, already_there: 0 } }
}

async fn import_users(world: &World, users: Vec<ImportedUser>) -> Tally {
    let import = UserImport::new(&ADMIN).unwrap();
    import.write(&world.app, rows(users), Some(from("users.csv"))).await.unwrap()
}

async fn import_purchases(world: &World, purchases: Vec<ImportedPurchase>) -> Tally {
    let mut import = PurchaseImport::new(&ADMIN).unwrap();
    import.check(&world.app, &rows(purchases.clone())).await.unwrap();
    import.write(&world.app, rows(purchases), Some(from("purchases.csv"))).await.unwrap()
}

#[tokio::test]
async fn members_come_in_with_their_codes_their_referrers_and_their_days() {
    let world = World::new().await;
    let day = |days: i64| START.plus_millis(-days * 86_400_000);
    let code = "7HXK2MQ0DZ".parse().unwrap();
    let users = vec![
        ImportedUser { code: Some(code), joined_at: Some(day(90)), ..user("Asha", "") },
        ImportedUser { joined_at: Some(day(80)), active: false, ..user("Bina", "asha") },
        user("Chetan", "bina"),
    ];
    assert_eq!(look_at_users(&world, users.clone()).await, ["new"; 3]);
    assert_eq!(import_users(&world, users.clone()).await, Tally { new: 3, already_there: 0 });

    let members = world.app.store().read(async move |view| view.scan_members(UserId::new(0), 9).await);
    let members = members.await.unwrap();
    let [asha, bina, chetan] = &members[..] else { panic!("{members:?}") };
    assert_eq!((asha.user.code, asha.user.joined_at, asha.slots_used), (code, day(90), 1));
    assert_eq!((bina.user.referrer, bina.user.joined_at, bina.active), (Some(asha.user.id), day(80), false));
    assert_eq!((chetan.user.referrer, chetan.user.joined_at), (Some(bina.user.id), START));
    assert_ne!(bina.user.code, chetan.user.code);
    world.books_are_right().await;

    assert_eq!(look_at_users(&world, users.clone()).await, ["there"; 3]);
    assert_eq!(import_users(&world, users).await, Tally { new: 0, already_there: 3 });
    let audit = app::audit::list(&world.app, &ADMIN, None, 9).await.unwrap();
    let [(_, event)] = &audit[..] else { panic!("what changed nothing leaves no trace: {audit:?}") };
    assert_eq!((event.action.as_str(), event.subject.as_str()), ("import", "users"));
    assert_eq!(event.detail, r#"{"already_there":0,"file":"users.csv","new":1}"#);
}

#[tokio::test]
async fn a_member_who_cannot_come_in_is_told_by_her_line() {
    let world = World::new().await;
    let [asha, bina] = world.chain(["Asha", "Bina"]).await;
    let her_code = |code| ImportedUser { code: Some(code), ..user("Bina", "asha") };
    let free = "0000000001".parse().unwrap();
    let newcomer = |name: &str, code| ImportedUser { code: Some(code), ..user(name, "asha") };
    let table = vec![
        (user("Asha", ""), "there".into()),
        (user("Bina", ""), "bina@example.com is a member already, and was brought by somebody else".into()),
        (her_code(bina.user.code), "bina@example.com stands in line 3 already".into()),
        (newcomer("Dev", asha.user.code), format!("the referral code {} belongs to somebody else", asha.user.code)),
        (newcomer("Esha", free), "new".into()),
        (newcomer("Farah", free), "the referral code 0000000001 belongs to somebody else".into()),
        (
            user("Gita", "hari"),
            "nobody before this line has the e-mail hari@example.com; a referrer comes before those she brought"
                .into(),
        ),
        (user("Hari", "gita"), "new".into()),
        (
            user("Ines", "ines"),
            "nobody before this line has the e-mail ines@example.com; a referrer comes before those she brought"
                .into(),
        ),
        (
            ImportedUser { joined_at: Some(START.plus_millis(1)), ..user("Jaya", "") },
            "nobody has joined in the future".into(),
        ),
    ];
    let (users, expected): (Vec<_>, Vec<String>) = table.into_iter().unzip();
    assert_eq!(look_at_users(&world, users).await, expected);
    let other_code = look_at_users(&world, vec![her_code(free)]).await;
    assert_eq!(other_code, ["bina@example.com is a member already, and has another referral code"]);
    let other = look_at_users(&world, vec![user("Bina", "nobody")]).await;
    assert_eq!(other, ["bina@example.com is a member already, and was brought by somebody else"]);
}

#[tokio::test]
async fn the_limit_holds_for_those_who_come_in_under_the_plan_of_their_day() {
    let world = World::new().await;
    let asha = world.join("Asha", None).await;
    for number in 0..6 {
        world.join(&format!("Earlier {number}"), Some(&asha)).await;
    }
    let users: Vec<_> = ["A", "B", "C"].map(|name| user(name, "asha")).into();
    let told = look_at_users(&world, users.clone()).await;
    let full = "asha@example.com has brought 8 members already, which is the limit";
    assert_eq!(told, ["new", "new", full]);

    let refused =
        UserImport::new(&ADMIN).unwrap().write(&world.app, rows(users.clone()), None).await.unwrap_err();
    assert_eq!(refused.to_string(), format!("line 4: {full}"));
    assert_eq!(world.member(asha.user.id).await.slots_used, 6, "all of the chunk or nothing");

    world.advance(seconds(60));
    world.set_plan(Plan { max_direct_referrals: 20, ..Plan::default() }).await;
    let long_ago = |user: ImportedUser| ImportedUser { joined_at: Some(START), ..user };
    assert_eq!(look_at_users(&world, users.clone().into_iter().map(long_ago).collect()).await[2], full);
    assert_eq!(import_users(&world, users).await.new, 3);
    world.books_are_right().await;
}

#[tokio::test]
async fn purchases_come_in_once_by_their_references() {
    let world = World::new().await;
    world.chain(["Asha", "Buyer"]).await;
    let past =
        ImportedPurchase { occurred_at: Some(START.plus_millis(-5)), ..purchase("b", "buyer", "3000") };
    let settled = ImportedPurchase { payer: Payer::Elsewhere, ..purchase("c", "buyer", "4000") };
    let purchases = vec![purchase("a", "buyer", "2000"), past, settled, purchase("a", "buyer", "2000")];
    assert_eq!(look_at_purchases(&world, purchases.clone()).await, ["new", "new", "new", "there"]);
    assert_eq!(import_purchases(&world, purchases.clone()).await, Tally { new: 3, already_there: 1 });
    world.advance(seconds(60));
    assert_eq!(look_at_purchases(&world, purchases.clone()).await, ["there"; 4]);
    assert_eq!(import_purchases(&world, purchases).await, Tally { new: 0, already_there: 4 });

    let asha = world.account(UserId::new(1)).await;
    assert_eq!(asha.totals.commissions(), money("250"));
    assert_eq!(app::audit::list(&world.app, &ADMIN, None, 9).await.unwrap().len(), 1);
    world.books_are_right().await;
}

#[tokio::test]
async fn a_purchase_that_cannot_come_in_is_told_by_its_line() {
    let world = World::new().await;
    let [asha, buyer] = world.chain(["Asha", "Buyer"]).await;
    world.record(sale_as("old", buyer.user.id, "2000")).await.unwrap();
    let at = |millis, purchase| ImportedPurchase { occurred_at: Some(START.plus_millis(millis)), ..purchase };
    let table = vec![
        (purchase("old", "buyer", "2000"), "there"),
        (purchase("a", "nobody", "5"), "nobody has the e-mail nobody@example.com"),
        (at(120_001, purchase("b", "buyer", "5")), "a purchase cannot be made in the future"),
        (purchase("c", "buyer", "5"), "new"),
        (purchase("c", "asha", "5"), "the reference \"c\" belongs to another purchase, in line 5"),
        (at(0, purchase("c", "buyer", "5")), "there"),
        (at(-1, purchase("old", "buyer", "2000")), "there"),
        (at(1, purchase("old", "buyer", "2000")), "there"),
    ];
    let (purchases, expected): (Vec<_>, Vec<_>) = table.into_iter().unzip();
    assert_eq!(look_at_purchases(&world, purchases).await, expected);
    for other in [
        purchase("old", "asha", "2000"),
        purchase("old", "buyer", "2000.01"),
        purchase("old", "nobody", "2000"),
        ImportedPurchase { payer: Payer::Elsewhere, ..purchase("old", "buyer", "2000") },
    ] {
        let told = look_at_purchases(&world, vec![other]).await;
        assert_eq!(told, ["reference \"old\" belongs to another purchase"]);
    }
    assert_eq!(world.account(asha.user.id).await.seq, 1);
}

#[tokio::test]
async fn what_hardly_ever_is_comes_in_with_a_warning() {
    let world = World::new().await;
    let before = START.plus_millis(-1);
    let joined = |name, referrer, at| ImportedUser { joined_at: Some(at), ..user(name, referrer) };
    let family =
        [joined("Asha", "", START), joined("Bilal", "Asha", before), joined("Chetan", "Asha", START)];
    let younger = "she joined before her referrer asha@example.com did, which was 2026-01-01T00:00:00Z";
    let mut import = UserImport::new(&ADMIN).unwrap();
    let found = import.check(&world.app, &rows(family.clone())).await.unwrap();
    assert_eq!(warnings(found), ["", younger, ""]);

    import_users(&world, family[..1].to_vec()).await;
    let mut import = UserImport::new(&ADMIN).unwrap();
    let found = import.check(&world.app, &rows(family[1..].to_vec())).await.unwrap();
    assert_eq!(warnings(found), [younger, ""], "of a referrer who is there, too");

    let sold = |text, at| ImportedPurchase { occurred_at: Some(at), ..purchase(text, "Asha", "5") };
    let sales = [sold("early", before), sold("late", START), purchase("now", "Asha", "5")];
    let early = "the sale was made before asha@example.com joined, which was 2026-01-01T00:00:00Z";
    let found = PurchaseImport::new(&ADMIN).unwrap().check(&world.app, &rows(sales)).await.unwrap();
    assert_eq!(warnings(found), [early, "", ""]);
}

#[tokio::test]
async fn what_the_shop_keeps_of_its_own_comes_in_and_its_numbers_stay_unique() {
    let world = World::new().await;
    let numbered = |name: &str, number: &str| ImportedUser {
        external_id: Some(number.parse().unwrap()),
        metadata: app::metadata::read(r#"{"tier": "gold"}"#).unwrap(),
        ..user(name, "")
    };
    assert_eq!(import_users(&world, vec![numbered("Asha", "1"), numbered("Bina", "2")]).await.new, 2);
    let told = look_at_users(
        &world,
        vec![numbered("Asha", "9"), numbered("Chetan", "2"), numbered("Dev", "3"), numbered("Esha", "3")],
    )
    .await;
    let taken = |number| format!("the external id \"{number}\" belongs to somebody else");
    assert_eq!(
        told,
        ["there".to_owned(), taken(2), "new".to_owned(), taken(3)],
        "what is there is left alone"
    );
    let email = email("Asha");
    let store = world.app.store();
    let found = store.read(async move |view| view.members_by_email(&[&email]).await).await.unwrap();
    let asha = found.into_values().next().unwrap();
    assert_eq!(
        (asha.external_id, asha.metadata.iter().next()),
        (Some("1".parse().unwrap()), Some(("tier", "gold")))
    );
    let noted = ImportedPurchase {
        metadata: app::metadata::read(r#"{"till": "4"}"#).unwrap(),
        ..purchase("order-1", "asha", "5")
    };
    import_purchases(&world, vec![noted]).await;
    let (bought, _) =
        app::purchases::by_reference(&world.app, &ADMIN, reference("order-1")).await.unwrap().unwrap();
    assert_eq!(bought.metadata.iter().collect::<Vec<_>>(), [("till", "4")]);
}

#[tokio::test]
async fn a_nightly_file_may_hold_what_was_reported_live() {
    let world = World::new().await;
    let [asha, buyer] = world.chain(["Asha", "Buyer"]).await;
    let live = world.record(sale_as("order-1", buyer.user.id, "2000")).await.unwrap().purchase;
    let at = |millis, purchase| ImportedPurchase { occurred_at: Some(START.plus_millis(millis)), ..purchase };
    let file = vec![
        at(-1_000, purchase("order-1", "buyer", "2000")),
        at(-2_000, purchase("order-2", "buyer", "3000")),
        at(-1_000, purchase("order-2", "buyer", "3000")),
    ];
    assert_eq!(look_at_purchases(&world, file.clone()).await, ["there", "new", "there"]);
    assert_eq!(import_purchases(&world, file).await, Tally { new: 1, already_there: 2 });
    let known = world.record(sale_as("order-1", buyer.user.id, "2000")).await.unwrap();
    assert_eq!((known.replayed, known.purchase), (true, live), "as it was reported");
    let second = world.record(sale_as("order-2", buyer.user.id, "3000")).await.unwrap();
    assert!(second.replayed, "and live after the file");
    assert_eq!(second.purchase.occurred_at, START.plus_millis(-2_000), "the first line counts");
    assert_eq!(world.account(asha.user.id).await.totals.commissions(), money("250"));
    world.books_are_right().await;
}

#[tokio::test]
async fn a_chunk_with_a_purchase_that_does_not_fit_any_more_is_not_written() {
    let world = World::new().await;
    let [asha, _] = world.chain(["Asha", "Buyer"]).await;
    let purchases = vec![purchase("a", "buyer", "2000"), purchase("b", "buyer", "2000")];
    let mut import = PurchaseImport::new(&ADMIN).unwrap();
    import.check(&world.app, &rows(purchases.clone())).await.unwrap();
    world.record(sale_as("b", asha.user.id, "1")).await.unwrap();
    let refused = import.write(&world.app, rows(purchases), Some(from("p.csv"))).await.unwrap_err();
    assert_eq!(refused.to_string(), "line 3: reference \"b\" belongs to another purchase");
    assert!(matches!(refused, ImportError::Row { line: 3, .. }));
    assert_eq!(world.account(asha.user.id).await.seq, 0);
    assert!(app::audit::list(&world.app, &ADMIN, None, 9).await.unwrap().is_empty());
    assert_eq!(app::purchases::list(&world.app, &ADMIN, None, 9).await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_was_exported_without_a_reference_is_known_where_it_came_from() {
    let world = World::new().await;
    let [.., buyer] = world.chain(["Asha", "Buyer"]).await;
    let original = world.record(sale(buyer.user.id, "2000")).await.unwrap().purchase;
    let exported = |amount: &str, at: Timestamp| ImportedPurchase {
        exported: Some(original.id),
        occurred_at: Some(at),
        ..purchase("exported-1", "buyer", amount)
    };
    let same = exported("2000", original.occurred_at);
    assert_eq!(look_at_purchases(&world, vec![same.clone()]).await, ["there"]);
    assert_eq!(import_purchases(&world, vec![same]).await, Tally { new: 0, already_there: 1 });

    let another = exported("2000", original.occurred_at.plus_millis(-1));
    assert_eq!(
        look_at_purchases(&world, vec![another]).await,
        ["new"],
        "another database counts from 1, too"
    );
    let elsewhere = exported("2001", original.occurred_at);
    assert_eq!(import_purchases(&world, vec![elsewhere.clone()]).await.new, 1);
    assert_eq!(import_purchases(&world, vec![elsewhere]).await.new, 0);
    let made: Reference = reference("exported-1");
    let store = world.app.store();
    let wanted = made.clone();
    let found = store.read(async move |view| view.purchases_by_reference(&[&wanted]).await).await.unwrap();
    assert_eq!(found[&made].amount, money("2001"));
}

#[tokio::test]
async fn transactions_grow_while_nobody_else_writes() {
    let world = World::new().await;
    let mut pace = Pace::new(&world.app).await.unwrap();
    let mut rows = vec![pace.rows()];
    for step in 0..8 {
        match step {
            2 => drop(world.join("Herself", None).await),
            5 => world
                .another_app()
                .await
                .store()
                .write(async |tx| tx.set_active(UserId::new(1), true, START).await)
                .await
                .unwrap(),
            _ => {}
        }
        pace.look(&world.app).await.unwrap();
        rows.push(pace.rows());
    }
    let chunks: Vec<_> = rows.into_iter().map(|rows| rows / CHUNK).collect();
    assert_eq!(chunks, [1, 2, 4, 8, 16, 16, 1, 2, 4]);
}

#[tokio::test]
async fn only_an_admin_imports() {
    let others = [Caller::Anonymous, service(&[Scope::Read, Scope::UsersWrite, Scope::PurchasesWrite])];
    for caller in others {
        assert!(matches!(UserImport::new(&caller), Err(Denied::Unauthenticated | Denied::Forbidden)));
        assert!(PurchaseImport::new(&caller).is_err());
    }
    assert!(UserImport::new(&service(&[Scope::Admin])).is_ok());
}

#[tokio::test]
async fn the_ninth_that_joined_under_a_plan_for_twenty_comes_in_when_that_plan_is_set_first() {
    let world = World::new().await;
    let in_2025 = START.plus_millis(-200 * 86_400_000);
    let people = || {
        let mut people = vec![ImportedUser { joined_at: Some(in_2025), ..user("Root", "") }];
        let names = (1..=20).map(|number| format!("Member{number}"));
        people.extend(names.map(|name| ImportedUser { joined_at: Some(in_2025), ..user(&name, "Root") }));
        people
    };
    let limit = "root@example.com has brought 8 members already, which is the limit";
    assert_eq!(look_at_users(&world, people()).await.iter().filter(|told| *told == limit).count(), 12);

    let own = Plan { max_direct_referrals: 20, ..Plan::default() };
    let begins = Begins::At(START.plus_millis(-365 * 86_400_000));
    let record = plans::set(&world.app, &ADMIN, own, begins).await.unwrap();
    world.advance(seconds(1));
    plans::set(&world.app, &ADMIN, Plan::default(), Begins::Now).await.unwrap();
    assert_eq!(import_users(&world, people()).await.new, 21);
    let last =
        world.app.store().read(async |view| view.member(UserId::new(21)).await).await.unwrap().unwrap();
    assert_eq!(last.plan, record.version, "whose limit her slot was taken under");
    world.books_are_right().await;
}
