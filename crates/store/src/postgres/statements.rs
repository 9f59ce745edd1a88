//! Every statement is a constant, and every one of them is prepared here
//! against a migrated database: a misspelt column fails this test, not a customer.

use std::sync::Arc;

use tokio::time::Instant;

use super::cluster::{Isolation, Scratch, cluster};
use super::connect::Object;
use super::{
    Engine, accounts, addresses, adjustments, audit, connect, entries, grants, integrity, keys, members,
    migrate, months, payouts, plans, purchases, refunds, session, sessions, sources, totals, writers,
};
use crate::{Error, Foundation};

pub(super) const ALL: &[&str] = &[
    accounts::BY_USER,
    accounts::BY_USERS,
    accounts::SCAN,
    accounts::LOCK,
    accounts::HOLD,
    accounts::PENDING,
    accounts::SCAN_HELD,
    addresses::DUE,
    addresses::COMPARE,
    addresses::YIELD,
    addresses::YIELDED,
    adjustments::BY_ID,
    adjustments::BY_REFERENCE,
    adjustments::SCAN,
    adjustments::INSERT,
    audit::PAGE,
    audit::SCAN,
    audit::INSERT,
    entries::ONE,
    entries::LATE,
    entries::LATE_SUMS,
    entries::BOOKED_THROUGH,
    entries::FIRST_BOOKED,
    entries::AFTER,
    entries::PAGE,
    entries::COMMISSIONS,
    entries::SCAN,
    entries::HEADS,
    entries::APPEND,
    grants::MISSING,
    integrity::FAULTS,
    integrity::STRAY_PURCHASES,
    integrity::STRAY_ENTRIES,
    integrity::STRAY_SOURCES,
    integrity::STRAY_HELD,
    keys::ALL,
    keys::BY_HASH,
    keys::INSERT,
    keys::REVOKE,
    keys::REVOKED_SINCE,
    members::BY_ID,
    members::BY_IDS,
    members::BY_CODE,
    members::BY_EMAILS,
    members::BY_REFERENCE,
    members::PAGE,
    members::SCAN,
    members::FIRST_UNDER,
    members::BY_EXTERNAL_IDS,
    members::CREDENTIALS,
    members::BUYERS,
    members::BELOW,
    members::COUNT_REFERRALS,
    members::INSERT,
    members::TAKE_SLOT,
    members::SET_EXTERNAL,
    members::SET_ACTIVE,
    members::INSERT_ACTIVITY,
    members::ACTIVITY,
    members::SCAN_ACTIVITY,
    migrate::SCHEMA_VERSION,
    migrate::DURABILITY,
    migrate::FINISHED,
    payouts::RUN_BY_ID,
    payouts::RUN_BY_REFERENCE,
    payouts::RUN_PAGE,
    payouts::INSERT_RUN,
    payouts::BY_ID,
    payouts::BY_IDS,
    payouts::OF_RUN,
    payouts::OF_USER,
    payouts::SINCE,
    payouts::WARNINGS,
    payouts::WARN,
    payouts::SCAN,
    payouts::NEXT_IDS,
    payouts::INSERT,
    payouts::SETTLE,
    months::ZONES,
    months::SET_ZONE,
    months::CLOSED,
    months::OPEN_FROM,
    months::CLOSE,
    months::REOPEN,
    months::OLDEST,
    plans::IN_FORCE,
    plans::PRESENT,
    plans::BY_VERSION,
    plans::ALL,
    plans::SHARE,
    plans::LOCK,
    plans::APPEND,
    plans::WITHDRAW,
    purchases::BY_ID,
    purchases::PAGE,
    purchases::TO_REFUND,
    purchases::BY_REFERENCES,
    purchases::SCAN,
    purchases::BACKDATED,
    purchases::SALES,
    purchases::FIRST_DECIDED_SINCE,
    purchases::LAST_DECIDED,
    purchases::FIRST_UNDER,
    purchases::NEXT_IDS,
    purchases::INSERT,
    refunds::OF_PURCHASE,
    refunds::BY_ID,
    refunds::BY_REFERENCE,
    refunds::SCAN,
    refunds::INSERT,
    refunds::SET_REFUNDED,
    sessions::FORGET,
    sessions::INSERT,
    sessions::END,
    sessions::END_OF,
    sessions::ENDED_SINCE,
    sources::ADD,
    sources::SCAN,
    sources::BY_RANK,
    sources::COUNT,
    session::SESSION,
    totals::MEMBERS,
    totals::REVERSED,
    totals::SALES,
    totals::BY_LEVEL,
    writers::NEW,
    writers::COUNT,
    writers::SETTLE,
    writers::SUM_OF_OTHERS,
];

/// A migrated database and a connection to it.
pub(super) async fn migrated(isolation: Isolation) -> Option<(Scratch, Object)> {
    let scratch = cluster()?.database(isolation);
    let url = scratch.url.parse().unwrap();
    Engine::open(&url, &Foundation::default()).await.unwrap();
    let pool = connect::pool(&url, &Arc::default()).unwrap();
    let deadline = Instant::now() + connect::BEGIN_WITHIN;
    let connection = connect::connection(&pool, deadline).await.unwrap();
    Some((scratch, connection))
}

#[tokio::test]
async fn every_statement_fits_the_schema() {
    let Some((_scratch, connection)) = migrated(Isolation::Serializable).await else { return };
    for sql in ALL {
        connection.prepare(sql).await.unwrap_or_else(|error| panic!("{error:?}\n{sql}"));
    }
}

#[test]
fn no_statement_is_missing_from_the_list() {
    let count = |source: &str| {
        source.split("pub(super) const ").skip(1).filter(|rest| rest.contains(": &str")).count()
    };
    let sources = [
        include_str!("accounts.rs"),
        include_str!("addresses.rs"),
        include_str!("adjustments.rs"),
        include_str!("audit.rs"),
        include_str!("entries.rs"),
        include_str!("grants.rs"),
        include_str!("integrity.rs"),
        include_str!("keys.rs"),
        include_str!("members.rs"),
        include_str!("migrate.rs"),
        include_str!("months.rs"),
        include_str!("payouts.rs"),
        include_str!("plans.rs"),
        include_str!("purchases.rs"),
        include_str!("refunds.rs"),
        include_str!("session.rs"),
        include_str!("sessions.rs"),
        include_str!("sources.rs"),
        include_str!("totals.rs"),
        include_str!("writers.rs"),
    ];
    assert_eq!(ALL.len(), sources.map(count).iter().sum::<usize>());
}

#[test]
fn nothing_is_asked_for_that_only_one_machine_can_do() {
    let schema = [
        include_str!("migrations/V1__first_schema.sql"),
        include_str!("migrations/V2__no_foreign_keys_on_the_hot_path.sql"),
        include_str!("migrations/V3__months_and_late_sales.sql"),
        include_str!("migrations/V6__payout_warnings.sql"),
        include_str!("migrations/V4__sessions.sql"),
        include_str!("migrations/V7__compared_addresses.sql"),
    ];
    let all = ALL.iter().copied().chain(schema);
    for sql in all {
        let sql = sql.to_lowercase();
        for word in ["advisory", "notify", "listen ", "cache ", "ctid", "xmin", "skip locked"] {
            assert!(!sql.contains(word), "{word} in {sql}");
        }
    }
}

#[tokio::test]
async fn no_lookup_of_the_hot_path_scans_a_table() {
    let Some((_scratch, connection)) = migrated(Isolation::ReadCommitted).await else { return };
    // As it is planned when the tables are large and the values unknown.
    connection
        .batch_execute("set enable_seqscan = off; set plan_cache_mode = force_generic_plan")
        .await
        .unwrap();
    let hot = [
        accounts::BY_USER,
        accounts::BY_USERS,
        accounts::LOCK,
        accounts::PENDING,
        entries::AFTER,
        entries::PAGE,
        entries::COMMISSIONS,
        entries::HEADS,
        keys::BY_HASH,
        members::BY_ID,
        members::BY_CODE,
        members::BY_EMAILS,
        members::BY_REFERENCE,
        members::BY_EXTERNAL_IDS,
        members::CREDENTIALS,
        members::BUYERS,
        members::BELOW,
        members::TAKE_SLOT,
        entries::BOOKED_THROUGH,
        entries::FIRST_BOOKED,
        entries::LATE,
        entries::LATE_SUMS,
        months::OPEN_FROM,
        plans::IN_FORCE,
        plans::PRESENT,
        plans::SHARE,
        purchases::BY_ID,
        purchases::BY_REFERENCES,
        purchases::TO_REFUND,
        writers::COUNT,
    ];
    for (number, sql) in hot.into_iter().enumerate() {
        let bound = connection.prepare(sql).await.unwrap().params().len();
        let nulls = vec!["null"; bound].join(", ");
        let values = if bound == 0 { String::new() } else { format!("({nulls})") };
        connection.batch_execute(&format!("prepare hot_{number} as {sql}")).await.unwrap();
        let plan = connection.query(&format!("explain execute hot_{number}{values}"), &[]).await.unwrap();
        let steps: Vec<String> = plan.iter().map(|row| row.get(0)).collect();
        let scans = steps.iter().filter(|step| step.contains("Seq Scan"));
        assert_eq!(scans.count(), 0, "{steps:#?}\n{sql}");
    }
}

#[tokio::test]
async fn a_database_of_a_newer_release_is_refused() {
    let Some((scratch, connection)) = migrated(Isolation::ReadCommitted).await else { return };
    let newer = "insert into refinery_schema_history (version, name, applied_on, checksum)
                 values (999, 'from_the_future', '2026-01-01T00:00:00Z', '1')";
    connection.batch_execute(newer).await.unwrap();
    let refused = Engine::open(&scratch.url.parse().unwrap(), &Foundation::default()).await;
    assert!(matches!(refused, Err(Error::Newer(_))), "{refused:?}");
}

#[tokio::test]
async fn the_ledger_and_the_audit_trail_are_append_only_even_by_hand() {
    let Some((_scratch, connection)) = migrated(Isolation::ReadCommitted).await else { return };
    let audit = "insert into audit (actor, action, subject, detail, created_at)
                 values ('owner', 'plan.set', 'plan 2', '{}', 0)";
    connection.batch_execute(audit).await.unwrap();
    for sql in [
        "update entries set amount = 2",
        "delete from entries",
        "truncate entries",
        "update audit set id = 2",
        "delete from audit",
        "truncate audit",
    ] {
        let refused = connection.batch_execute(sql).await.unwrap_err();
        let refused = refused.as_db_error().unwrap().message();
        assert!(refused.contains("append-only"), "{refused}");
    }
}

#[tokio::test]
async fn what_was_switched_off_by_hand_is_found() {
    let Some((scratch, connection)) = migrated(Isolation::ReadCommitted).await else { return };
    connection.batch_execute("alter table entries disable trigger entries_are_never_changed").await.unwrap();
    let store = crate::Store::open(&crate::Database::Postgres(scratch.url.parse().unwrap())).await.unwrap();
    let faults = store.read(async move |view| view.integrity().await).await.unwrap();
    assert_eq!(faults, ["entries: the trigger entries_are_never_changed is switched off"]);
}

#[tokio::test]
async fn rows_that_refer_to_nothing_are_found() {
    let Some((scratch, connection)) = migrated(Isolation::ReadCommitted).await else { return };
    let planted = "insert into purchases (id, buyer_id, amount, plan_version, decisions, occurred_at)
                       values (1, 404, 1, 7, '', 0);
                   insert into entries (user_id, seq, kind, amount, by_level, reversed, paid, adjusted, purchase_id,
                       source_id, level, occurred_at) values (405, 1, 'commission', 1, '1', 0, 0, 0, 2, 406, 1, 0);
                   insert into source_totals (source_id, level, earner_id, amount, purchases) values (407, 1, 408, 1, 1);
                   insert into held (user_id, matures_at, amount) values (409, 1, 1)";
    connection.batch_execute(planted).await.unwrap();
    let store = crate::Store::open(&crate::Database::Postgres(scratch.url.parse().unwrap())).await.unwrap();
    let mut found = store.read(async move |view| view.integrity().await).await.unwrap();
    found.sort();
    let places = [
        ("entries row 405 1", "purchases"),
        ("entries row 405 1", "users"),
        ("entries row 405 1", "users"),
        ("held row 409 1", "users"),
        ("purchases row 1", "plans"),
        ("purchases row 1", "users"),
        ("source_totals row 407 1", "users"),
        ("source_totals row 407 1", "users"),
    ];
    assert_eq!(found, places.map(|(row, parent)| format!("{row} refers to a missing row of {parent}")));
}
