//! Every statement is a constant, and every one of them is prepared here
//! against a migrated database: a misspelt column fails this test, not a customer.

use rusqlite::Connection;

use super::{
    accounts, addresses, adjustments, audit, books, connect, entries, keys, members, months, payouts, people,
    plans, purchases, references, refunds, sessions, sources, totals,
};

const ALL: &[&str] = &[
    accounts::BY_USER,
    accounts::SCAN,
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
    books::POSTED,
    books::SET_POSTED,
    books::COUNT_CHANGE,
    entries::ONE,
    entries::LATE,
    entries::LATE_SUMS,
    entries::BOOKED_THROUGH,
    entries::FIRST_BOOKED,
    entries::AFTER,
    entries::PAGE,
    entries::COMMISSIONS,
    entries::SCAN,
    entries::HEAD,
    entries::APPEND,
    keys::ALL,
    keys::BY_HASH,
    keys::INSERT,
    keys::REVOKE,
    keys::REVOKED_SINCE,
    members::BY_ID,
    members::BY_CODE,
    members::BY_EMAIL,
    members::BY_REFERENCE,
    members::PAGE,
    members::SCAN,
    members::FIRST_UNDER,
    members::BY_EXTERNAL_ID,
    members::CREDENTIALS,
    members::NAME_AND_REFERRER,
    members::REFERRER,
    members::BELOW,
    members::COUNT_REFERRALS,
    members::INSERT,
    members::TAKE_SLOT,
    members::SET_EXTERNAL,
    members::SET_ACTIVE,
    members::INSERT_ACTIVITY,
    members::ACTIVITY,
    members::SCAN_ACTIVITY,
    people::AFTER,
    people::PERSON,
    payouts::RUN_BY_ID,
    payouts::RUN_BY_REFERENCE,
    payouts::RUN_PAGE,
    payouts::INSERT_RUN,
    payouts::BY_ID,
    payouts::OF_RUN,
    payouts::OF_USER,
    payouts::SINCE,
    payouts::WARNINGS,
    payouts::WARN,
    payouts::SCAN,
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
    plans::APPEND,
    plans::WITHDRAW,
    purchases::BY_ID,
    purchases::PAGE,
    purchases::TO_REFUND,
    purchases::BY_REFERENCE,
    purchases::SCAN,
    purchases::BACKDATED,
    purchases::SALES,
    purchases::FIRST_DECIDED_SINCE,
    purchases::LAST_DECIDED,
    purchases::FIRST_UNDER,
    purchases::NEWEST,
    purchases::INSERT,
    refunds::OF_PURCHASE,
    refunds::BY_ID,
    refunds::BY_REFERENCE,
    refunds::SCAN,
    refunds::INSERT,
    refunds::SET_REFUNDED,
    references::AFTER,
    sessions::FORGET,
    sessions::INSERT,
    sessions::END,
    sessions::END_OF,
    sessions::ENDED_SINCE,
    sources::ADD,
    sources::SCAN,
    sources::BY_RANK,
    sources::COUNT,
    totals::MEMBERS,
    totals::REVERSED,
    totals::SALES,
    totals::BY_LEVEL,
    totals::SCHEMA_VERSION,
    totals::QUICK_CHECK,
    totals::FOREIGN_KEY_CHECK,
];

fn migrated() -> (tempfile::TempDir, Connection) {
    let directory = tempfile::tempdir().unwrap();
    let mut conn = connect::writer(&connect::path_in(directory.path())).unwrap();
    connect::migrate(&mut conn).unwrap();
    (directory, conn)
}

#[test]
fn every_statement_fits_the_schema() {
    let (_directory, conn) = migrated();
    for sql in ALL {
        conn.prepare(sql).unwrap_or_else(|error| panic!("{error}\n{sql}"));
    }
}

#[test]
fn no_statement_is_missing_from_the_list() {
    let count = |source: &str| source.matches("pub(super) const").count();
    let sources = [
        include_str!("accounts.rs"),
        include_str!("addresses.rs"),
        include_str!("adjustments.rs"),
        include_str!("audit.rs"),
        include_str!("books.rs"),
        include_str!("entries.rs"),
        include_str!("keys.rs"),
        include_str!("members.rs"),
        include_str!("months.rs"),
        include_str!("payouts.rs"),
        include_str!("people.rs"),
        include_str!("plans.rs"),
        include_str!("purchases.rs"),
        include_str!("references.rs"),
        include_str!("refunds.rs"),
        include_str!("sessions.rs"),
        include_str!("sources.rs"),
        include_str!("totals.rs"),
    ];
    assert_eq!(ALL.len(), sources.map(count).iter().sum::<usize>());
}

#[test]
fn no_lookup_of_the_hot_path_scans_a_table() {
    let (_directory, conn) = migrated();
    let hot = [
        accounts::BY_USER,
        accounts::PENDING,
        entries::AFTER,
        entries::PAGE,
        entries::COMMISSIONS,
        entries::HEAD,
        keys::BY_HASH,
        entries::BOOKED_THROUGH,
        entries::FIRST_BOOKED,
        entries::LATE,
        months::OPEN_FROM,
        plans::IN_FORCE,
        plans::PRESENT,
        members::BY_ID,
        members::BY_CODE,
        members::BY_EMAIL,
        members::BY_REFERENCE,
        members::BY_EXTERNAL_ID,
        members::CREDENTIALS,
        members::NAME_AND_REFERRER,
        members::REFERRER,
        members::BELOW,
        members::TAKE_SLOT,
        purchases::BY_ID,
        purchases::BY_REFERENCE,
    ];
    for sql in hot {
        let mut plan = conn.prepare(&format!("explain query plan {sql}")).unwrap();
        let bound = plan.parameter_count();
        let steps: Vec<String> = plan
            .query_map(rusqlite::params_from_iter(vec![1; bound]), |row| row.get(3))
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        let slow = |step: &&String| step.starts_with("SCAN") || step.contains("TEMP B-TREE");
        assert_eq!(steps.iter().filter(slow).count(), 0, "{steps:#?}\n{sql}");
    }
}

#[test]
fn commits_are_synced_in_full() {
    let (_directory, conn) = migrated();
    let pragma = |name: &str| conn.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!((pragma("synchronous"), pragma("foreign_keys")), (2, 1), "2 is FULL");
    let mode: String = conn.pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap();
    assert_eq!(mode, "wal");
}

#[test]
fn a_database_of_a_newer_release_is_refused() {
    let (_directory, mut conn) = migrated();
    conn.execute_batch(
        "insert into refinery_schema_history (version, name, applied_on, checksum)
         values (999, 'from_the_future', '2026-01-01T00:00:00Z', '1')",
    )
    .unwrap();
    let refused = connect::migrate(&mut conn);
    assert!(matches!(refused, Err(crate::Error::Newer(_))), "{refused:?}");
}

#[test]
fn the_ledger_and_the_audit_trail_are_append_only_even_by_hand() {
    let (_directory, conn) = migrated();
    conn.execute_batch(
        "pragma foreign_keys = off;
         insert into entries values (1, 1, 'adjustment', 1, '', 0, 0, 1, null, null, null, null, null, 1, 0, null, null, null);
         insert into audit values (1, 'admin', 'plan.set', 'plan 2', '{}', 0)",
    )
    .unwrap();
    for sql in [
        "update entries set amount = 2",
        "delete from entries",
        "update audit set id = 2",
        "delete from audit",
    ] {
        let refused = conn.execute_batch(sql).unwrap_err().to_string();
        assert!(refused.contains("append-only"), "{refused}");
    }
}
