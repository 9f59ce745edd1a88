//! What can be wrong with people, purchases, and what purchases paid.

use app::verify::Rule;

use super::Corruption;

pub(super) const CORRUPTIONS: &[Corruption] = &[
    // The ledger.
    (
        "the amount of a line",
        "update entries set amount = amount + 1 where (user_id, seq) in (select user_id, seq from target)",
        Rule::Ledger,
    ),
    (
        "the corrections up to a line",
        "update entries set adjusted = adjusted + 1 where (user_id, seq) in (select user_id, seq from target)",
        Rule::Ledger,
    ),
    (
        "the earnings up to a line",
        "update entries set by_level = '' where (user_id, seq) in (select user_id, seq from target)",
        Rule::Ledger,
    ),
    (
        "the time of a line",
        "update entries set occurred_at = occurred_at + 1
         where (user_id, seq) in (select user_id, seq from target)",
        Rule::Commissions,
    ),
    (
        "the booking of a line",
        "update entries set booked_at = occurred_at - 1
         where (user_id, seq) in (select user_id, seq from target)",
        Rule::Commissions,
    ),
    (
        "a line that is late and was not",
        "update entries set booked_at = occurred_at, booked_through = occurred_at + 1
         where (user_id, seq) in (select user_id, seq from target)",
        Rule::Ledger,
    ),
    (
        "when a line can be paid out",
        "update entries set matures_at = 5 where (user_id, seq) in (select user_id, seq from target)",
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
        "update entries set kind = 'reversal', refund_id = 1
         where (user_id, seq) in (select user_id, seq from target)",
        Rule::Commissions,
    ),
    (
        "a line that is missing",
        "delete from entries where (user_id, seq) in (select user_id, seq from target)",
        Rule::Ledger,
    ),
    (
        "the last line of a ledger that is missing",
        "delete from entries where (user_id, seq) in
            (select user_id, seq from account where kind = 'commission' limit 1)",
        Rule::Commissions,
    ),
    (
        "a line in a ledger of nobody",
        "update entries set user_id = 404404 where (user_id, seq) in (select user_id, seq from target)",
        Rule::Ledger,
    ),
    // Accounts: the last lines of ledgers.
    (
        "what an account earned",
        "update entries set by_level = by_level || ' 5'
         where (user_id, seq) in (select user_id, a.seq from target join account a using (user_id))",
        Rule::Ledger,
    ),
    (
        "what was taken back of an account",
        "update entries set reversed = reversed + 1
         where (user_id, seq) in (select user_id, a.seq from target join account a using (user_id))",
        Rule::Ledger,
    ),
    (
        "what an account was paid",
        "update entries set paid = paid - 1
         where (user_id, seq) in (select user_id, a.seq from target join account a using (user_id))",
        Rule::Ledger,
    ),
    (
        "the seq of an account",
        "update entries set seq = seq + 1
         where (user_id, seq) in (select user_id, a.seq from target join account a using (user_id))",
        Rule::Ledger,
    ),
    (
        "an account that is missing",
        "delete from entries where user_id in (select user_id from target)",
        Rule::Commissions,
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
        "update purchases set occurred_at = occurred_at + 1 where id in (select purchase_id from target)",
        Rule::Commissions,
    ),
    (
        "the booking of a purchase",
        "update purchases set booked_at = occurred_at + 1 where id in (select purchase_id from target)",
        Rule::Commissions,
    ),
    (
        "when what a purchase paid can be paid out",
        "update purchases set matures_at = occurred_at where id in (select purchase_id from target)",
        Rule::Commissions,
    ),
    (
        "a purchase that was booked in a closed month",
        "insert into closed_months select '1970-01', max(occurred_at) + 1, 0, null from purchases",
        Rule::ClosedMonth,
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
        Rule::PlanInForce,
    ),
    (
        "the plan of a purchase that pays the same and was never in force",
        "insert into plans select 404, effective_from + 8640000000, currency, commission_above,
            max_direct_referrals, levels, rounding, hold_days, max_commission, created_at, null
            from plans where version = 1;
         update purchases set plan_version = 404 where id in (select purchase_id from target)",
        Rule::PlanInForce,
    ),
    (
        "the time of a purchase, under a plan of the past",
        "update purchases set occurred_at = occurred_at + 8640000000
         where id in (select purchase_id from target)",
        Rule::PlanInForce,
    ),
    (
        "the time of a purchase, before its plan",
        "update purchases set occurred_at = occurred_at - 8640000000
         where id in (select max(id) from purchases)",
        Rule::PlanInForce,
    ),
    (
        "a purchase that was settled elsewhere after all",
        "update purchases set decisions = '' where id in (select purchase_id from target)",
        Rule::Commissions,
    ),
    (
        "a purchase that was settled elsewhere, with decisions",
        "update purchases set decisions =
            (select p.decisions from purchases p join target t on p.id = t.purchase_id)
         where id in (select id from elsewhere)",
        Rule::Decision,
    ),
    (
        "a purchase that is missing",
        "delete from purchases where id in (select purchase_id from target)",
        Rule::Commissions,
    ),
    (
        "a purchase that nobody was paid for",
        "insert into purchases select 404404, null, buyer_id, amount, plan_version, decisions, occurred_at, 0,
            booked_at, recorded_at, matures_at, present_plan, metadata
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
    (
        "the day from which a plan is in force",
        "update plans set effective_from = effective_from + 8640000000 where version = 2",
        Rule::PlanInForce,
    ),
    (
        "a plan that was never set",
        "insert into plans select 404, effective_from + 1, currency, commission_above,
            max_direct_referrals, levels, rounding, hold_days, max_commission, created_at, null
            from plans where version = 2",
        Rule::PlanInForce,
    ),
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
         insert into activity values (404404, 1, 1, 1, 5);
         update users set direct_count = direct_count + 1 where id in (select id from full)",
        Rule::ReferralLimit,
    ),
    // Activity.
    (
        "a member switched off by hand",
        "update users set active = 0 where id in (select user_id from target)",
        Rule::Activity,
    ),
    (
        "a history that is missing",
        "delete from activity where user_id in (select user_id from target)",
        Rule::Activity,
    ),
    (
        "a history in which she was inactive when she was paid",
        "insert into activity select user_id, 100, 0, purchase_id, occurred_at from target;
         insert into activity select user_id, 101, 1, purchase_id + 1, occurred_at from target",
        Rule::Decision,
    ),
    (
        "a history in which nobody was ever inactive",
        "delete from activity where active = 0; update users set active = 1",
        Rule::Decision,
    ),
    // Forgeries that agree with themselves.
    (
        "a commission paid twice, in every book",
        "insert into entries
            select user_id, a.seq + 1, 'commission', t.amount,
                (cast(a.by_level as integer) + t.amount) || substr(a.by_level, instr(a.by_level || ' ', ' ')),
                a.reversed, a.paid, a.adjusted, t.purchase_id, t.source_id, t.level, null, null, null,
                t.occurred_at, iif(t.occurred_at < a.latest, t.occurred_at, null),
                iif(t.occurred_at < a.latest, a.latest, null), t.matures_at
            from target t join account a using (user_id);
         update source_totals set purchases = purchases + 1, amount = amount + (select amount from target)
         where (source_id, level) in (select source_id, level from target)",
        Rule::Commissions,
    ),
    (
        "a commission for a purchase that was settled elsewhere, in every book",
        "insert into entries
            select a.user_id, a.seq + 1, 'commission', 500,
                (cast(a.by_level as integer) + 500) || substr(a.by_level, instr(a.by_level || ' ', ' ')),
                a.reversed, a.paid, a.adjusted, e.id, t.source_id, 1, null, null, null, e.occurred_at,
                iif(e.occurred_at < a.latest, e.occurred_at, null), iif(e.occurred_at < a.latest, a.latest, null), null
            from target t join account a using (user_id), elsewhere e;
         update source_totals set purchases = purchases + 1, amount = amount + 500
         where (source_id, level) in (select source_id, level from target)",
        Rule::Commissions,
    ),
];
