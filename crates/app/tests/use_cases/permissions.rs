//! Who may do what (contract, section 7): every use case, every kind of caller.

use app::access::{self, Ttl};
use app::members::{MemberChange, Wanted};
use app::payouts::{self, Of, Order, Settlement};
use app::refunds::{self, NewRefund};
use app::{
    Caller, Denied, adjustments, audit, earnings, explain, feed, members, network, plans, programme,
    purchases, sessions, simulate,
};
use domain::{EntryId, PayoutId, Plan, Scope, Scopes, UserId};

use crate::adjustments::credit;
use crate::world::{ADMIN, World, money, newcomer, reference, sale, service};

/// `y` for an answer, `-` for forbidden, `?` for "sign in first".
fn mark<T, E: std::error::Error>(answer: Result<T, E>) -> char {
    let Err(error) = answer else { return 'y' };
    let said = error.to_string();
    match said {
        _ if said == Denied::Forbidden.to_string() => '-',
        _ if said == Denied::Unauthenticated.to_string() => '?',
        _ => panic!("neither allowed nor denied: {error:?}"),
    }
}

/// Checks a row of the table: one mark for each caller, in the order of the heading.
macro_rules! row {
    ($callers:ident, $expected:literal, |$caller:ident| $call:expr) => {
        let mut found = String::new();
        for $caller in &$callers {
            found.push(mark($call));
            found.push(' ');
        }
        assert_eq!(found.trim_end(), $expected, "{}", stringify!($call));
    };
}

#[tokio::test]
async fn every_use_case_lets_in_whom_it_should() {
    let world = World::new().await;
    let app = &world.app;
    let [asha, other] = world.chain(["Asha", "Other"]).await;
    let (asha, other) = (asha.user.id, other.user.id);
    let bought = world.buy(other, "2000").await.purchase.id;
    let cent_of = |purchase: domain::PurchaseId| NewRefund {
        purchase: purchase.into(),
        amount: money("0.01"),
        reference: None,
    };
    let line = EntryId { user: asha, seq: 1 };
    let run = payouts::make_run(app, &ADMIN, money("1"), Some(reference("run"))).await.unwrap().0.id;
    let callers = [
        Caller::Anonymous,
        Caller::Member(asha), // herself
        Caller::Member(other),
        service(&[Scope::Read]),
        service(&[Scope::UsersWrite]),
        service(&[Scope::PurchasesWrite]),
        service(&[Scope::PayoutsWrite]),
        service(&[Scope::Admin]),
        ADMIN,
    ];
    let mut names = (0..).map(|number| format!("Newcomer {number}"));
    let mut next = || newcomer(&names.next().unwrap(), None);

    // anonymous, herself, other member; keys with read, users:write, purchases:write, payouts:write
    // and admin; owner
    row!(callers, "y y y - y - - y y", |caller| members::register(app, caller, next()).await);
    row!(callers, "? y - y - - - y y", |caller| members::find(app, caller, asha).await);
    row!(callers, "? - - y - - - y y", |caller| members::list(app, caller, None, 1).await);
    let switch = || MemberChange::active(true);
    row!(callers, "? - - - - - - y y", |caller| members::change(app, caller, asha, switch()).await);
    let note = || MemberChange { external_id: Some(None), ..MemberChange::default() };
    row!(callers, "? - - - y - - y y", |caller| members::change(app, caller, asha, note()).await);
    row!(callers, "? - - y - - - y y", |caller| members::wanted(app, caller, Wanted::default()).await);
    row!(callers, "? - - y - - - y y", |caller| purchases::by_reference(app, caller, reference("r")).await);
    row!(callers, "? - - - - y - y y", |caller| purchases::record(app, caller, sale(asha, "5")).await);
    row!(callers, "? - - - - y - y y", |caller| refunds::refund(app, caller, cent_of(bought)).await);
    row!(callers, "? - - y - - - y y", |caller| refunds::list(app, caller, bought).await);
    row!(callers, "? - - y - - - y y", |caller| explain::purchase(app, caller, bought).await);
    row!(callers, "? - - y - - - y y", |caller| purchases::find(app, caller, bought).await);
    row!(callers, "? - - y - - - y y", |caller| purchases::list(app, caller, None, 1).await);
    row!(callers, "? y - y - - - y y", |caller| earnings::statement(app, caller, asha).await);
    row!(callers, "? y - y - - - y y", |caller| earnings::entries(app, caller, asha, None, 1).await);
    row!(callers, "? y - y - - - y y", |caller| earnings::month(app, caller, asha, None).await);
    row!(callers, "? y - y - - - y y", |caller| earnings::month_lines(app, caller, asha, None).await);
    row!(callers, "? y - y - - - y y", |caller| explain::entry(app, caller, line).await);
    let thanks = || credit(asha, "1");
    row!(callers, "? - - - - - - y y", |caller| adjustments::adjust(app, caller, thanks()).await);
    row!(callers, "? - - y - - y y y", |caller| payouts::preview(app, caller, money("1"), Order::User, 1)
        .await);
    row!(callers, "? - - - - - y y y", |caller| {
        // Whoever may is answered with the run that is there.
        payouts::make_run(app, caller, money("1"), Some(reference("run"))).await
    });
    row!(callers, "? - - y - - y y y", |caller| payouts::runs(app, caller, None, 1).await);
    row!(callers, "? - - y - - y y y", |caller| payouts::run(app, caller, run).await);
    row!(callers, "? - - y - - y y y", |caller| {
        payouts::of_run(app, caller, run, PayoutId::new(0), 1).await
    });
    row!(callers, "? y - y - - y y y", |caller| payouts::of_user(app, caller, asha, None, 1).await);
    row!(callers, "? - - y - - y y y", |caller| payouts::find(app, caller, PayoutId::new(1)).await);
    row!(callers, "? - - y - - y y y", |caller| payouts::warnings(app, caller, run, 1).await);
    row!(callers, "? - - - - - y y y", |caller| {
        payouts::settle(app, caller, PayoutId::new(1), Settlement::Paid).await
    });
    row!(callers, "? - - - - - y y y", |caller| {
        payouts::settle_run(app, caller, run, Of::Run, Settlement::Paid).await
    });
    row!(callers, "? - - - - - - y y", |caller| audit::list(app, caller, None, 1).await);
    row!(callers, "? y - y - - - y y", |caller| network::referrals(app, caller, asha).await);
    row!(callers, "? y - y - - - y y", |caller| network::sources(app, caller, asha, None, 9).await);
    row!(callers, "? y - y - - - y y", |caller| feed::follow(app, caller, asha, None).await);
    row!(callers, "? - - y - - - y y", |caller| feed::follow_purchases(app, caller).await);
    row!(callers, "? - - y - - - y y", |caller| programme::totals(app, caller).await);
    row!(callers, "? - - y - - - y y", |caller| plans::versions(app, caller, None, 1).await);
    row!(callers, "? - - - - - - y y", |caller| plans::set(app, caller, Plan::default(), plans::Begins::Now)
        .await);
    row!(callers, "? - - - - - - y y", |caller| {
        let what_if = simulate::WhatIf { plan: Plan::default(), since: None };
        simulate::simulate(app, caller, what_if, |_| ()).await
    });
    row!(callers, "? - - - y - - y y", |caller| {
        access::mint_member_token(app, caller, asha, Ttl::MEMBER).await
    });
    row!(callers, "? - - - - - - y y", |caller| access::mint_admin_token(app, caller, Ttl::ADMIN).await);
    row!(callers, "? y - - y - - y y", |caller| sessions::end_sessions_of_member(app, caller, asha).await);
    row!(callers, "? - - - - - - y y", |caller| sessions::end_sessions_of_owner(app, caller).await);
    row!(callers, "? - - - - - - y y", |caller| {
        let token = access::mint_admin_token(app, &ADMIN, Ttl::ADMIN).await.unwrap();
        sessions::end_session(app, caller, token.session.unwrap().id).await
    });
    let scopes = Scopes::from_iter([Scope::Read]);
    row!(callers, "? - - - - - - y y", |caller| access::create_key(app, caller, "k".into(), scopes).await);
    row!(callers, "? - - - - - - y y", |caller| access::list_keys(app, caller).await);
    row!(callers, "? - - - - - - y y", |caller| {
        let key = access::create_key(app, &ADMIN, "k".into(), scopes).await.unwrap();
        access::revoke_key(app, caller, key.id).await
    });
}

#[tokio::test]
async fn only_services_and_the_owner_have_references_for_registrations() {
    let world = World::new().await;
    let [asha] = world.chain(["Asha"]).await;
    let mut numbers = 0..;
    let mut register = async |caller: Caller| {
        let number = numbers.next().unwrap();
        let mut new = newcomer(&format!("New {number}"), None);
        new.reference = Some(reference(&format!("crm-{number}")));
        members::register(&world.app, &caller, new).await
    };
    for caller in [Caller::Anonymous, Caller::Member(asha.user.id)] {
        let refused = register(caller).await.unwrap_err();
        assert!(matches!(refused, members::RegisterError::ReferenceNotAllowed), "{refused:?}");
    }
    for caller in [service(&[Scope::UsersWrite]), service(&[Scope::Admin]), ADMIN] {
        register(caller).await.unwrap();
    }
}

#[tokio::test]
async fn a_member_who_asks_for_another_learns_nothing_about_whether_she_exists() {
    let world = World::new().await;
    let [asha, other] = world.chain(["Asha", "Other"]).await;
    let caller = Caller::Member(asha.user.id);
    for user in [other.user.id, UserId::new(404)] {
        assert_eq!(mark(members::find(&world.app, &caller, user).await), '-');
        assert_eq!(mark(earnings::statement(&world.app, &caller, user).await), '-');
        assert_eq!(mark(feed::follow(&world.app, &caller, user, None).await), '-');
    }
}

#[test]
fn a_member_reads_the_full_names_of_level_1_alone() {
    let level = |number| domain::Level::new(number).unwrap();
    let member = Caller::Member(UserId::new(1));
    for (caller, seen) in
        [(member, [true, false, false]), (ADMIN, [true; 3]), (service(&[Scope::Read]), [true; 3])]
    {
        assert_eq!([1, 2, 10].map(|number| caller.sees_names_at(level(number))), seen, "{}", caller.kind());
    }
}
