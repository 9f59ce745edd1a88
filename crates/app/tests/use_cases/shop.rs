//! What a shop keeps of its own: its numbers of members, and notes.

use app::members::{self, ChangeError, MemberChange, NewMember, RegisterError, Wanted};
use app::metadata::{self, MetadataChange};
use app::purchases::{NewPurchase, RecordError, WhoBought};
use app::refunds::{self, NewRefund, OfPurchase, RefundError};
use app::{Caller, Member};
use domain::{ExternalId, Scope, UserId};

use crate::world::{ADMIN, World, money, newcomer, reference, sale_as, service};

fn external(text: &str) -> ExternalId {
    text.parse().unwrap()
}

/// A sale to whoever the shop knows by this number.
fn sale_to(number: &str, amount: &str) -> NewPurchase {
    NewPurchase::new(WhoBought::External(external(number)), money(amount))
}

async fn set_number(world: &World, user: UserId, number: Option<&str>) -> Result<Member, ChangeError> {
    let change = MemberChange { external_id: Some(number.map(external)), ..MemberChange::default() };
    members::change(&world.app, &ADMIN, user, change).await.map(|(member, _)| member)
}

#[tokio::test]
async fn a_purchase_may_name_its_buyer_by_the_shops_own_number() {
    let world = World::new().await;
    let [asha, buyer] = world.chain(["Asha", "Buyer"]).await;
    let unknown = world.record(sale_to("customer-7", "2000")).await.unwrap_err();
    assert!(
        matches!(&unknown, RecordError::ExternalIdNotFound(id) if id.as_str() == "customer-7"),
        "{unknown:?}"
    );
    set_number(&world, buyer.user.id, Some("customer-7")).await.unwrap();
    let recorded = world.record(sale_to("customer-7", "2000")).await.unwrap().purchase;
    assert_eq!(recorded.buyer, buyer.user.id);
    set_number(&world, buyer.user.id, None).await.unwrap();
    assert!(world.record(sale_to("customer-7", "2000")).await.is_err(), "nobody has it any more");
    set_number(&world, asha.user.id, Some("customer-7")).await.unwrap();
    assert_eq!(world.record(sale_to("customer-7", "2000")).await.unwrap().purchase.buyer, asha.user.id);
    assert_eq!(world.account(asha.user.id).await.totals.commissions(), money("100"));
    world.books_are_right().await;
}

#[tokio::test]
async fn a_batch_may_name_one_buyer_in_both_ways() {
    let world = World::new().await;
    let [asha, buyer] = world.chain(["Asha", "Buyer"]).await;
    set_number(&world, buyer.user.id, Some("7")).await.unwrap();
    let sales = vec![
        sale_to("7", "2000"),
        sale_as("a", buyer.user.id, "2000"),
        sale_to("8", "2000"),
        NewPurchase { reference: Some(reference("a")), ..sale_to("7", "2000") },
    ];
    let answers = app::purchases::record_bulk(&world.app, &ADMIN, sales).await.unwrap();
    let buyers: Vec<_> =
        answers.iter().map(|answer| answer.as_ref().ok().map(|recorded| recorded.purchase.buyer)).collect();
    let id = Some(buyer.user.id);
    assert_eq!(buyers, [id, id, None, id]);
    // Which of them came first is not said.
    let again = [1, 3].map(|line| answers[line].as_ref().unwrap().replayed);
    assert_ne!(again[0], again[1]);
    assert_eq!(world.account(asha.user.id).await.totals.commissions(), money("200"));
    world.books_are_right().await;
}

#[tokio::test]
async fn a_known_reference_is_answered_whosever_the_number_is_by_now() {
    let world = World::new().await;
    let [asha, buyer] = world.chain(["Asha", "Buyer"]).await;
    set_number(&world, buyer.user.id, Some("7")).await.unwrap();
    let order = NewPurchase { reference: Some(reference("order-1")), ..sale_to("7", "2000") };
    let first = world.record(order.clone()).await.unwrap();
    set_number(&world, buyer.user.id, Some("17")).await.unwrap();
    let second = world.record(order.clone()).await.unwrap();
    set_number(&world, asha.user.id, Some("7")).await.unwrap();
    let third = world.record(order.clone()).await.unwrap();
    for again in [second, third] {
        assert_eq!((again.replayed, &again.purchase), (true, &first.purchase));
    }
    let noted = NewPurchase { metadata: metadata::read(r#"{"till": "4"}"#).unwrap(), ..order.clone() };
    assert!(world.record(noted).await.unwrap().purchase.metadata.is_empty(), "notes are those of the first");
    let other = NewPurchase { amount: money("2001"), ..order };
    let refused = world.record(other).await.unwrap_err();
    let first = first.purchase.id;
    assert!(matches!(refused, RecordError::ReferenceReused(_, by) if by == first), "{refused:?}");
}

#[tokio::test]
async fn a_number_belongs_to_one_member_and_is_told_by_name() {
    let world = World::new().await;
    let [asha, bina] = world.chain(["Asha", "Bina"]).await;
    set_number(&world, asha.user.id, Some("7")).await.unwrap();
    let taken = set_number(&world, bina.user.id, Some(" 7 ")).await.unwrap_err();
    assert!(matches!(&taken, ChangeError::ExternalIdTaken(_, by) if *by == asha.user.id), "{taken:?}");
    let new = NewMember { external_id: Some(external("7")), ..newcomer("Chetan", None) };
    let shop = service(&[Scope::UsersWrite]);
    let taken = members::register(&world.app, &shop, new.clone()).await.unwrap_err();
    assert!(matches!(&taken, RegisterError::ExternalIdTaken(_, by) if *by == asha.user.id), "{taken:?}");
    assert_eq!(set_number(&world, asha.user.id, Some("7")).await.unwrap().external_id, Some(external("7")));
    let registered = NewMember { external_id: Some(external("8")), ..new };
    let member = members::register(&world.app, &shop, registered).await.unwrap().member;
    assert_eq!(member.external_id, Some(external("8")));
    let nobody = set_number(&world, UserId::new(404), Some("9")).await.unwrap_err();
    assert!(matches!(nobody, ChangeError::UserNotFound(_)), "{nobody:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_who_are_given_one_number_at_once_one_has_it() {
    let world = World::new().await;
    let other = world.another_app().await;
    let mut people = Vec::new();
    for number in 0..8 {
        people.push(world.join(&format!("Member {number}"), None).await.user.id);
    }
    let mut racing = tokio::task::JoinSet::new();
    for (number, user) in people.into_iter().enumerate() {
        let app = if number % 2 == 0 { world.app.clone() } else { other.clone() };
        racing.spawn(async move {
            let change = MemberChange { external_id: Some(Some(external("7"))), ..MemberChange::default() };
            members::change(&app, &ADMIN, user, change).await.map(|(member, _)| member.user.id)
        });
    }
    let answers = racing.join_all().await;
    let had: Vec<UserId> = answers.iter().filter_map(|answer| answer.as_ref().ok().copied()).collect();
    assert_eq!(had.len(), 1, "{answers:?}");
    for refused in answers.iter().filter_map(|answer| answer.as_ref().err()) {
        assert!(matches!(refused, ChangeError::ExternalIdTaken(_, by) if *by == had[0]), "{refused:?}");
    }
}

#[tokio::test]
async fn only_a_service_keeps_something_of_its_own_with_a_registration() {
    let world = World::new().await;
    let herself = world.join("Asha", None).await.user.id;
    let notes = metadata::read(r#"{"tier": "gold"}"#).unwrap();
    for new in [
        NewMember { external_id: Some(external("7")), ..newcomer("Bina", None) },
        NewMember { metadata: notes.clone(), ..newcomer("Bina", None) },
    ] {
        for caller in [Caller::Anonymous, Caller::Member(herself)] {
            let refused = members::register(&world.app, &caller, new.clone()).await.unwrap_err();
            assert!(matches!(refused, RegisterError::ShopFieldsNotAllowed), "{refused:?}");
        }
    }
    let new =
        NewMember { reference: Some(reference("crm-1")), metadata: notes.clone(), ..newcomer("Bina", None) };
    let shop = service(&[Scope::UsersWrite]);
    assert_eq!(members::register(&world.app, &shop, new.clone()).await.unwrap().member.metadata, notes);
    let again = NewMember { external_id: Some(external("7")), metadata: domain::Metadata::default(), ..new };
    assert!(
        members::register(&world.app, &shop, again).await.unwrap().replayed,
        "they say nothing of who it is"
    );
}

#[tokio::test]
async fn notes_are_changed_one_by_one_and_the_trail_has_their_keys() {
    let world = World::new().await;
    let asha = world.join("Asha", None).await.user.id;
    let shop = service(&[Scope::UsersWrite]);
    let note = async |json: &str| {
        let change =
            MemberChange { metadata: Some(MetadataChange::read(json).unwrap()), ..MemberChange::default() };
        let changed = members::change(&world.app, &shop, asha, change).await;
        changed.map(|(member, _)| metadata::write(&member.metadata))
    };
    assert_eq!(note(r#"{"tier": "gold", "till": "4"}"#).await.unwrap(), r#"{"tier":"gold","till":"4"}"#);
    assert_eq!(note(r#"{"till": "5", "tier": null}"#).await.unwrap(), r#"{"till":"5"}"#);
    assert_eq!(note(r#"{"till": "5"}"#).await.unwrap(), r#"{"till":"5"}"#);
    let many: Vec<String> = (0..20).map(|number| format!("\"k{number}\": \"\"")).collect();
    let refused = note(&format!("{{{}}}", many.join(","))).await.unwrap_err();
    assert!(matches!(&refused, ChangeError::Metadata(why) if why.key.is_none()), "{refused:?}");
    let events = app::audit::list(&world.app, &ADMIN, None, 9).await.unwrap();
    let told: Vec<_> =
        events.iter().map(|(_, event)| (event.action.as_str(), event.detail.as_str())).collect();
    let keys = [r#"{"metadata":["till","tier"]}"#, r#"{"metadata":["tier","till"]}"#];
    assert_eq!(told, keys.map(|detail| ("member.update", detail)));
    assert!(events.iter().all(|(_, event)| event.actor == "key 1" && !event.detail.contains("gold")));
}

#[tokio::test]
async fn a_member_is_found_by_all_that_is_said_of_her() {
    let world = World::new().await;
    let [asha, bina] = world.chain(["Asha", "Bina"]).await;
    set_number(&world, asha.user.id, Some("7")).await.unwrap();
    let look = async |wanted: Wanted| {
        let (found, _) = members::wanted(&world.app, &ADMIN, wanted).await.unwrap();
        found.map(|member| member.user.id)
    };
    let by_email = |member: &Member| Wanted { email: Some(member.user.email.clone()), ..Wanted::default() };
    let by_code = |member: &Member| Wanted { code: Some(member.user.code), ..Wanted::default() };
    let by_number = |number| Wanted { external_id: Some(external(number)), ..Wanted::default() };
    for wanted in [by_email(&asha), by_code(&asha), by_number("7")] {
        assert_eq!(look(wanted.clone()).await, Some(asha.user.id));
        for other in [by_email(&bina), by_code(&bina), by_number("8")] {
            let both = Wanted {
                email: wanted.email.clone().or(other.email),
                code: wanted.code.or(other.code),
                external_id: wanted.external_id.clone().or(other.external_id),
            };
            let agrees = both == wanted;
            assert_eq!(look(both).await.is_some(), agrees, "both have to fit");
        }
    }
    assert_eq!(look(by_number("8")).await, None);
    assert_eq!(look(Wanted::default()).await, None);
}

#[tokio::test]
async fn a_purchase_is_refunded_by_the_shops_own_number_of_it() {
    let world = World::new().await;
    let [asha, buyer] = world.chain(["Asha", "Buyer"]).await;
    let sold = world.record(sale_as("order-1", buyer.user.id, "2000")).await.unwrap().purchase;
    let other = world.record(sale_as("order-2", buyer.user.id, "2000")).await.unwrap().purchase;
    let refund = async |of: OfPurchase, amount: &str| {
        let new = NewRefund { purchase: of, amount: money(amount), reference: Some(reference("return-1")) };
        refunds::refund(&world.app, &ADMIN, new).await
    };
    let of = |text: &str| OfPurchase::Reference(reference(text));
    let unknown = refund(of("order-9"), "2000").await.unwrap_err();
    assert!(matches!(&unknown, RefundError::NoSuchReference(r) if r.as_str() == "order-9"), "{unknown:?}");
    let (first, replayed) = refund(of("order-1"), "2000").await.unwrap();
    assert_eq!((first.purchase.id, replayed), (sold.id, false));
    for again in [of("order-1"), OfPurchase::Id(sold.id)] {
        let (second, replayed) = refund(again, "2000").await.unwrap();
        assert_eq!((second.refund.id, replayed), (first.refund.id, true));
    }
    for (purchase, amount) in
        [(of("order-1"), "1999"), (of("order-2"), "2000"), (of("order-9"), "2000"), (other.id.into(), "2000")]
    {
        let refused = refund(purchase, amount).await.unwrap_err();
        assert!(matches!(&refused, RefundError::ReferenceReused(_, by) if *by == sold.id), "{refused:?}");
    }
    assert_eq!(world.balance(asha.user.id).await, "100.00");
    world.books_are_right().await;
}
