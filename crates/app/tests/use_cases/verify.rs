//! Verify finds every way in which the books can be wrong: a believable
//! database is corrupted in one place at a time, past all guards.

mod after_the_sale;
mod book;
mod sales;

use app::verify::{Report, Rule, verify};
use rusqlite::Connection;
use store::{Database, Store};
use tempfile::TempDir;

use self::book::Book;
use crate::world::fleeting_directory;

/// What is wrong, the statements that make it so, and the rule that must find it.
type Corruption = (&'static str, &'static str, Rule);

/// What the corruptions have to aim at. `account` is the last line of each
/// ledger. `target` is a commission of level 1 in the middle of the ledger of
/// somebody who was never inactive, for a purchase that was never refunded; `taken`
/// is a reversal in the middle of a ledger. `full` brought as many members as the
/// first plan allows.
const AIM: &str = "
    pragma synchronous = off;
    pragma journal_mode = memory;
    create temp table account as
        select *, coalesce(booked_through, booked_at, occurred_at) as latest
        from entries e where seq = (select max(seq) from entries where user_id = e.user_id);
    create temp table target as
        select e.* from entries e join account a using (user_id) join purchases p on p.id = e.purchase_id
        where e.level = 1 and e.kind = 'commission' and e.seq between 2 and a.seq - 1 and p.refunded = 0
            and not exists (select 1 from activity c where c.user_id = e.user_id and c.active = 0)
        order by e.user_id, e.seq limit 1;
    create temp table taken as
        select e.* from entries e join account a using (user_id) join purchases p on p.id = e.purchase_id
        where e.kind = 'reversal' and e.seq < a.seq and e.level = 1 and p.refunded < p.amount
        order by e.user_id, e.seq limit 1;
    create temp table sent as select * from payouts where status = 'paid' order by id limit 1;
    create temp table bounced as select * from payouts where status = 'failed' order by id limit 1;
    create temp table on_hold as select * from held where amount > 0 order by user_id, matures_at limit 1;
    create temp table elsewhere as select * from purchases where decisions = '' order by id limit 1;
    create temp table full as
        select referrer_id as id from users where plan_version = 1
        group by referrer_id having referrer_id is not null and count(*) = 8 order by 1 limit 1;
    drop trigger entries_are_never_updated;
    drop trigger entries_are_never_deleted;
    pragma foreign_keys = off;
    pragma ignore_check_constraints = on;
";

#[tokio::test]
async fn every_kind_of_corruption_is_found() {
    let book = Book::written().await;
    let report = verify(&book.copy("").open().await).await.unwrap();
    assert!(report.is_clean(), "{:#?}", report.breaches);
    assert!(report.members >= 250 && report.purchases >= 1_000 && report.entries >= 1_000, "{report:?}");
    assert!(report.refunds >= 200 && report.payouts >= 100 && report.adjustments >= 30, "{report:?}");

    let mut missed = Vec::new();
    for (name, sql, rule) in sales::CORRUPTIONS.iter().chain(after_the_sale::CORRUPTIONS) {
        let report = verify(&book.copy(sql).open().await).await.unwrap();
        if !report.breaches.iter().any(|breach| breach.rule == *rule) {
            missed.push(format!("{name}: no {} among {}", rule.name(), told(&report)));
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

fn told(report: &Report) -> String {
    let first: Vec<_> = report.breaches.iter().take(5).map(ToString::to_string).collect();
    format!("{} breaches\n{}", report.breach_count, first.join("\n"))
}

/// The rules that are broken when the corruption of this name is planted.
async fn broken_by(book: &Book, name: &str) -> Vec<Rule> {
    let (_, sql, _) = sales::CORRUPTIONS
        .iter()
        .chain(after_the_sale::CORRUPTIONS)
        .find(|(is, ..)| *is == name)
        .unwrap_or_else(|| panic!("{name}"));
    let report = verify(&book.copy(sql).open().await).await.unwrap();
    report.breaches.iter().map(|breach| breach.rule).collect()
}

#[tokio::test]
async fn a_forgery_that_agrees_with_itself_breaks_only_the_rules_about_what_is_behind_it() {
    let book = Book::written().await;
    let table: &[(&str, &[Rule])] = &[
        ("a commission paid twice, in every book", &[Rule::Commissions, Rule::SourceTotal]),
        ("a reversal that is made twice, in every book", &[Rule::Reversals, Rule::SourceTotal]),
        ("a payout that came back twice, in every book", &[Rule::Payouts]),
        ("a payout of more than the balance, in every book", &[Rule::Payouts]),
        ("an adjustment that is made twice, in every book", &[Rule::Adjustments]),
    ];
    for (name, rules) in table {
        assert_eq!(broken_by(&book, name).await, *rules, "{name}");
    }
}

#[tokio::test]
async fn one_fault_in_a_ledger_is_not_a_breach_of_every_line_after_it() {
    let book = Book::written().await;
    for name in ["the amount of a line", "the earnings up to a line", "a line that is missing"] {
        let broken = broken_by(&book, name).await;
        let lines = broken.iter().filter(|rule| **rule == Rule::Ledger).count();
        assert!((1..=2).contains(&lines), "{name}: {lines} lines");
    }
}

#[tokio::test]
async fn a_member_who_was_struck_out_is_found() {
    let book = Book::written().await;
    let sql = "delete from users where name = 'Loner'";
    let report = verify(&book.copy(sql).open().await).await.unwrap();
    assert!(!report.is_clean());
}

#[tokio::test]
async fn what_no_release_ever_writes_is_an_error_and_never_a_clean_report() {
    let book = Book::written().await;
    for sql in [
        "update purchases set decisions = '?' where id = 1",
        "update entries set kind = 'bonus' where (user_id, seq) in (select user_id, seq from target)",
        "update entries set kind = 'adjustment' where (user_id, seq) in (select user_id, seq from target)",
        "update entries set purchase_id = null where (user_id, seq) in (select user_id, seq from target)",
        "update entries set source_id = null where (user_id, seq) in (select user_id, seq from target)",
        "update entries set refund_id = null where (user_id, seq) in (select user_id, seq from taken)",
        "update entries set by_level = 'x' where (user_id, seq) in (select user_id, seq from target)",
        "update source_totals set level = 11
         where (source_id, level) in (select source_id, level from target)",
        "update payouts set reason = null where id in (select id from bounced)",
        "update payouts set status = 'lost' where id in (select id from sent)",
        "update adjustments set reason = '' where id = 1",
        "update users set name = '' where id = 1",
    ] {
        let answer = verify(&book.copy(sql).open().await).await;
        assert!(matches!(answer, Err(store::Error::Inconsistent { .. })), "{sql}: {answer:?}");
    }
}

/// A copy of the book with something wrong in it.
struct Copy {
    database: Database,
    _directory: TempDir,
}

impl Copy {
    async fn open(&self) -> Store {
        Store::open(&self.database).await.unwrap()
    }
}

impl Book {
    /// A fresh copy, corrupted by these statements, each of which must find
    /// something to change.
    fn copy(&self, sql: &str) -> Copy {
        let directory = fleeting_directory();
        let file = directory.path().join("banyan.db");
        std::fs::copy(self.file(), &file).unwrap();
        let conn = Connection::open(&file).unwrap();
        conn.execute_batch(AIM).unwrap();
        for statement in sql.split(';').filter(|statement| !statement.trim().is_empty()) {
            let changed = conn.execute(statement, []).unwrap_or_else(|error| panic!("{error}\n{statement}"));
            assert!(changed > 0, "changes nothing: {statement}");
        }
        drop(conn);
        Copy { database: Database::Sqlite(directory.path().to_owned()), _directory: directory }
    }
}
