//! Verify finds every way in which the books can be wrong: a believable
//! database is corrupted in one place at a time, past all guards.

mod book;

use app::verify::{Report, Rule, verify};
use rusqlite::Connection;
use store::{Database, Store};
use tempfile::TempDir;

use self::book::Book;

/// What the corruptions have to aim at. `target` is a commission of level 1 in
/// the middle of the ledger of somebody who was never inactive; `full` brought
/// as many members as the first plan allows.
const AIM: &str = "
    pragma synchronous = off;
    pragma journal_mode = memory;
    create temp table target as
        select e.* from entries e join accounts a using (user_id)
        where e.level = 1 and e.kind = 'commission' and e.seq between 2 and a.seq - 1
            and not exists (select 1 from activity c where c.user_id = e.user_id and c.active = 0)
        order by e.user_id, e.seq limit 1;
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
    let report = verify(&book.copy("").open()).await.unwrap();
    assert!(report.is_clean(), "{:#?}", report.breaches);
    let looked_at = (report.members, report.purchases, report.entries);
    assert!(looked_at.0 >= 250 && looked_at.1 == 1_000 && looked_at.2 >= 1_000, "{looked_at:?}");

    let mut missed = Vec::new();
    for (name, sql, rule) in CORRUPTIONS {
        let report = verify(&book.copy(sql).open()).await.unwrap();
        if !report.breaches.iter().any(|breach| breach.rule == *rule) {
            missed.push(format!("{name}: no {rule:?} among {}", told(&report)));
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

fn told(report: &Report) -> String {
    let first: Vec<_> = report.breaches.iter().take(5).map(ToString::to_string).collect();
    format!("{} breaches\n{}", report.breach_count, first.join("\n"))
}

const CORRUPTIONS: &[(&str, &str, Rule)] = &[
    // The ledger.
    (
        "the amount of a line",
        "update entries set amount = amount + 1 where (user_id, seq) in (select user_id, seq from target)",
        Rule::Ledger,
    ),
    (
        "the balance after a line",
        "update entries set balance = balance + 1 where (user_id, seq) in (select user_id, seq from target)",
        Rule::Ledger,
    ),
    (
        "the total after a line",
        "update entries set total_earnings = 0 where (user_id, seq) in (select user_id, seq from target)",
        Rule::Ledger,
    ),
    (
        "the time of a line",
        "update entries set created_at = created_at + 1
         where (user_id, seq) in (select user_id, seq from target)",
        Rule::Commissions,
    ),
    (
        "the level of a line",
        "update entries set level = 2 where (user_id, seq) in (select user_id, seq from target)",
        Rule::Commissions,
    ),
    (
        "the purchase of a line",
        "update entries set purchase_id = purchase_id + 1
         where (user_id, seq) in (select user_id, seq from target)",
        Rule::Commissions,
    ),
    (
        "the kind of a line",
        "update entries set kind = 'adjustment' where (user_id, seq) in (select user_id, seq from target)",
        Rule::Commissions,
    ),
    (
        "a line that is missing",
        "delete from entries where (user_id, seq) in (select user_id, seq from target)",
        Rule::Ledger,
    ),
    (
        "the last line of a ledger that is missing",
        "delete from entries
         where (user_id, seq) in (select user_id, a.seq from target join accounts a using (user_id))",
        Rule::Commissions,
    ),
    (
        "a line in a ledger of nobody",
        "update entries set user_id = 404404 where (user_id, seq) in (select user_id, seq from target)",
        Rule::Ledger,
    ),
    // Accounts.
    (
        "what an account earned",
        "update accounts set earned = earned + 1 where user_id in (select user_id from target)",
        Rule::Ledger,
    ),
    (
        "what an account was paid",
        "update accounts set paid = paid - 1 where user_id in (select user_id from target)",
        Rule::Ledger,
    ),
    (
        "the seq of an account",
        "update accounts set seq = seq + 1 where user_id in (select user_id from target)",
        Rule::Ledger,
    ),
    (
        "the levels of an account",
        "update accounts set by_level = by_level || ' 5' where user_id in (select user_id from target)",
        Rule::Ledger,
    ),
    (
        "an account that is missing",
        "delete from accounts where user_id in (select user_id from target)",
        Rule::Storage,
    ),
    // Source totals.
    (
        "the amount of a source",
        "update source_totals set amount = amount - 1
         where (source_id, level) in (select source_id, level from target)",
        Rule::SourceTotal,
    ),
    (
        "the count of a source",
        "update source_totals set purchases = purchases + 1
         where (source_id, level) in (select source_id, level from target)",
        Rule::SourceTotal,
    ),
    (
        "the earner of a source",
        "update source_totals set earner_id = source_id
         where (source_id, level) in (select source_id, level from target)",
        Rule::SourceTotal,
    ),
    (
        "a source that is missing",
        "delete from source_totals where (source_id, level) in (select source_id, level from target)",
        Rule::SourceTotal,
    ),
    (
        "a source that paid nothing",
        "insert into source_totals select source_id, 10, user_id, 1, 1 from target",
        Rule::SourceTotal,
    ),
    // Purchases.
    (
        "the amount of a purchase",
        "update purchases set amount = amount * 2 where id in (select purchase_id from target)",
        Rule::Decision,
    ),
    (
        "the buyer of a purchase",
        "update purchases set buyer_id = (select id from users where name = 'Loner')
         where id in (select purchase_id from target)",
        Rule::Decision,
    ),
    (
        "the buyer of a purchase who is nobody",
        "update purchases set buyer_id = 404404 where id in (select purchase_id from target)",
        Rule::Decision,
    ),
    (
        "the time of a purchase",
        "update purchases set created_at = created_at + 1 where id in (select purchase_id from target)",
        Rule::Commissions,
    ),
    (
        "the plan of a purchase",
        "update purchases set plan_version = plan_version % 3 + 1
         where id in (select purchase_id from target)",
        Rule::Decision,
    ),
    (
        "the plan of a purchase that there never was",
        "update purchases set plan_version = 404 where id in (select purchase_id from target)",
        Rule::Decision,
    ),
    (
        "a purchase that is missing",
        "delete from purchases where id in (select purchase_id from target)",
        Rule::Commissions,
    ),
    (
        "a purchase that nobody was paid for",
        "insert into purchases select 404404, null, buyer_id, amount, plan_version, decisions, created_at
         from purchases where id in (select purchase_id from target)",
        Rule::Commissions,
    ),
    // Decisions: `P17:500:10000 …` becomes another first level.
    (
        "paid, decided as inactive",
        "update purchases set decisions = 'i'
            || substr(rtrim(rtrim(substr(decisions, 1, instr(decisions, ' ') - 1), '0123456789'), ':'), 2)
            || substr(decisions, instr(decisions, ' '))
         where id in (select purchase_id from target)",
        Rule::Decision,
    ),
    (
        "the amount of a decision",
        "update purchases set decisions =
            rtrim(substr(decisions, 1, instr(decisions, ' ') - 1), '0123456789') || '1'
            || substr(decisions, instr(decisions, ' '))
         where id in (select purchase_id from target)",
        Rule::Decision,
    ),
    (
        "the outcome of a decision",
        "update purchases set decisions = 'C' || substr(decisions, 2)
         where id in (select purchase_id from target)",
        Rule::Decision,
    ),
    (
        "a level that was never decided",
        "update purchases set decisions = substr(decisions, 1, instr(decisions, ' ') - 1)
         where id in (select purchase_id from target)",
        Rule::Decision,
    ),
    // Plans, after the fact.
    ("the rates of a plan", "update plans set levels = '600 100' where version = 1", Rule::Decision),
    ("the threshold of a plan", "update plans set commission_above = 1 where version = 1", Rule::Decision),
    (
        "the limit of a plan",
        "update plans set max_direct_referrals = 7
     where version = 1",
        Rule::ReferralLimit,
    ),
    // The tree.
    (
        "the slots of a member",
        "update users set direct_count = direct_count - 1 where id in (select id from full)",
        Rule::SlotsUsed,
    ),
    (
        "a buyer under another referrer, slots and all",
        "update users set direct_count = direct_count - 1 where id in (select user_id from target);
         update users set direct_count = direct_count + 1 where id in (select id from full);
         update users set referrer_id = (select id from full) where id in (select source_id from target)",
        Rule::Decision,
    ),
    (
        "a buyer without her referrer, slots and all",
        "update users set direct_count = direct_count - 1 where id in (select user_id from target);
         update users set referrer_id = null where id in (select source_id from target)",
        Rule::Decision,
    ),
    (
        "a member without her slot",
        "update users set referrer_id = null where id in (select source_id from target)",
        Rule::SlotsUsed,
    ),
    (
        "a referrer who came later",
        "update users set referrer_id = (select max(id) from users)
         where id in (select source_id from target)",
        Rule::Tree,
    ),
    (
        "a referrer who is nobody",
        "update users set referrer_id = -1 where id in (select source_id from target)",
        Rule::Storage,
    ),
    (
        "a ninth referral, slots and all",
        "insert into users (id, name, email, code, referrer_id, plan_version, joined_at)
            select 404404, 'Ninth', 'ninth@example.com', 1, id, 1, 5 from full;
         insert into accounts (user_id, active) values (404404, 1);
         insert into activity values (404404, 1, 1, 1, 5);
         update users set direct_count = direct_count + 1 where id in (select id from full)",
        Rule::ReferralLimit,
    ),
    // Activity.
    (
        "a member switched off by hand",
        "update accounts set active = 0 where user_id in (select user_id from target)",
        Rule::Activity,
    ),
    (
        "a history that is missing",
        "delete from activity where user_id in (select user_id from target)",
        Rule::Activity,
    ),
    (
        "a history in which she was inactive when she was paid",
        "insert into activity select user_id, 100, 0, purchase_id, created_at from target;
         insert into activity select user_id, 101, 1, purchase_id + 1, created_at from target",
        Rule::Decision,
    ),
    (
        "a history in which nobody was ever inactive",
        "delete from activity where active = 0; update accounts set active = 1",
        Rule::Decision,
    ),
    // Forgeries that agree with themselves.
    (
        "a commission paid twice, in every book",
        "insert into entries
            select user_id, a.seq + 1, 'commission', t.amount, a.earned + t.amount, a.earned + t.amount,
                purchase_id, source_id, level, t.created_at
            from target t join accounts a using (user_id);
         update accounts set seq = seq + 1, earned = earned + (select amount from target),
            by_level = (cast(by_level as integer) + (select amount from target))
                || substr(by_level, instr(by_level || ' ', ' '))
         where user_id in (select user_id from target);
         update source_totals set purchases = purchases + 1, amount = amount + (select amount from target)
         where (source_id, level) in (select source_id, level from target)",
        Rule::Commissions,
    ),
    (
        "a commission for no purchase, in every book",
        "insert into entries
            select user_id, seq + 1, 'commission', 500, earned + 500, earned + 500, null, null, null, 5
            from accounts where user_id in (select user_id from target);
         update accounts set seq = seq + 1, earned = earned + 500
          where user_id in (select user_id from target)",
        Rule::Commissions,
    ),
];

#[tokio::test]
async fn a_forgery_that_agrees_with_itself_breaks_only_the_rules_about_purchases() {
    let book = Book::written().await;
    let (_, sql, _) = CORRUPTIONS.iter().find(|(name, ..)| name.contains("paid twice")).unwrap();
    let report = verify(&book.copy(sql).open()).await.unwrap();
    let rules: Vec<_> = report.breaches.iter().map(|breach| breach.rule).collect();
    assert_eq!(rules, [Rule::Commissions, Rule::SourceTotal], "{}", told(&report));
}

#[tokio::test]
async fn a_member_who_lost_her_account_is_found() {
    let book = Book::written().await;
    let sql = "delete from accounts where user_id in (select id from users where name = 'Loner')";
    let report = verify(&book.copy(sql).open()).await.unwrap();
    assert!(!report.is_clean());
}

#[tokio::test]
async fn what_no_release_ever_writes_is_an_error_and_never_a_clean_report() {
    let book = Book::written().await;
    for sql in [
        "update purchases set decisions = '?' where id = 1",
        "update entries set kind = 'bonus' where (user_id, seq) in (select user_id, seq from target)",
        "update entries set source_id = null where (user_id, seq) in (select user_id, seq from target)",
        "update accounts set by_level = 'x' where user_id in (select user_id from target)",
        "update source_totals set level = 11
         where (source_id, level) in (select source_id, level from target)",
        "update users set name = '' where id = 1",
    ] {
        let answer = verify(&book.copy(sql).open()).await;
        assert!(matches!(answer, Err(store::Error::Inconsistent { .. })), "{sql}: {answer:?}");
    }
}

/// A copy of the book with something wrong in it.
struct Copy {
    database: Database,
    _directory: TempDir,
}

impl Copy {
    fn open(&self) -> Store {
        Store::open(&self.database).unwrap()
    }
}

impl Book {
    /// A fresh copy, corrupted by these statements, each of which must find
    /// something to change.
    fn copy(&self, sql: &str) -> Copy {
        let directory = tempfile::tempdir().unwrap();
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
