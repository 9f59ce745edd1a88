//! What can be wrong with refunds, payouts, adjustments and holds.

use app::verify::Rule;

use super::Corruption;

pub(super) const CORRUPTIONS: &[Corruption] = &[
    // Refunds.
    (
        "the amount of a refund",
        "update refunds set amount = amount + 1 where id in (select refund_id from taken)",
        Rule::Refund,
    ),
    (
        "what a refund left",
        "update refunds set net = net - 1 where id in (select refund_id from taken)",
        Rule::Refund,
    ),
    (
        "what a refund took back",
        "update refunds set reversed = reversed + 1 where id in (select refund_id from taken)",
        Rule::Refund,
    ),
    (
        "the time of a refund",
        "update refunds set created_at = created_at + 1 where id in (select refund_id from taken)",
        Rule::Reversals,
    ),
    (
        "a refund that is missing",
        "delete from refunds where id in (select refund_id from taken)",
        Rule::Refund,
    ),
    (
        "a refund that is there twice",
        "insert into refunds select 404404, purchase_id, null, amount, net, 0, created_at
         from refunds where id in (select refund_id from taken)",
        Rule::Refund,
    ),
    (
        "a refund of a purchase that knows nothing of it",
        "insert into refunds select 404404, p.id, null, 1, p.amount - 1, 0, p.occurred_at
         from purchases p join target t on p.id = t.purchase_id",
        Rule::Refund,
    ),
    (
        "a refund that took nothing back",
        "insert into refunds select 404404, p.id, null, p.amount, 0, 0, p.occurred_at
            from purchases p join target t on p.id = t.purchase_id;
         update purchases set refunded = amount where id in (select purchase_id from target)",
        Rule::Reversals,
    ),
    (
        "a refund of nothing at all",
        "delete from purchases where id in (select purchase_id from taken)",
        Rule::Refund,
    ),
    (
        "what was refunded of a purchase",
        "update purchases set refunded = refunded + 1 where id in (select purchase_id from taken)",
        Rule::Refund,
    ),
    (
        "a purchase that forgot its refunds",
        "update purchases set refunded = 0 where id in (select purchase_id from taken)",
        Rule::Refund,
    ),
    (
        "the amount of a reversal",
        "update entries set amount = amount + 1 where (user_id, seq) in (select user_id, seq from taken)",
        Rule::Reversals,
    ),
    (
        "the level of a reversal",
        "update entries set level = 2 where (user_id, seq) in (select user_id, seq from taken)",
        Rule::Reversals,
    ),
    (
        "the refund of a reversal",
        "update entries set refund_id = (select max(id) from refunds)
         where (user_id, seq) in (select user_id, seq from taken)",
        Rule::Reversals,
    ),
    (
        "a reversal that is missing",
        "delete from entries where (user_id, seq) in (select user_id, seq from taken)",
        Rule::Reversals,
    ),
    (
        "a reversal that is made twice, in every book",
        "insert into entries
            select user_id, a.seq + 1, 'reversal', t.amount,
                (cast(a.by_level as integer) + t.amount) || substr(a.by_level, instr(a.by_level || ' ', ' ')),
                a.reversed - t.amount, a.paid, a.adjusted, t.purchase_id, t.source_id, t.level, t.refund_id,
                null, null, t.occurred_at, iif(t.occurred_at < a.latest, t.occurred_at, null),
                iif(t.occurred_at < a.latest, a.latest, null), t.matures_at
            from taken t join account a using (user_id);
         update source_totals set amount = amount + (select amount from taken)
         where (source_id, level) in (select source_id, level from taken)",
        Rule::Reversals,
    ),
    (
        "a source that kept what was taken back",
        "update source_totals set amount = amount - (select amount from taken)
         where (source_id, level) in (select source_id, level from taken)",
        Rule::SourceTotal,
    ),
    // Payouts.
    (
        "the amount of a payout",
        "update payouts set amount = amount + 1 where id in (select id from sent)",
        Rule::Payouts,
    ),
    (
        "whom a payout was made to",
        "update payouts set user_id = user_id + 1 where id in (select id from sent)",
        Rule::Payouts,
    ),
    (
        "the time of a payout",
        "update payouts set created_at = created_at + 1 where id in (select id from sent)",
        Rule::Payouts,
    ),
    (
        "the time of a payout that is not the time of its run",
        "update payout_runs set created_at = created_at - 1 where id in (select run_id from sent)",
        Rule::PayoutRun,
    ),
    (
        "when a payout failed",
        "update payouts set settled_at = settled_at + 1 where id in (select id from bounced)",
        Rule::Payouts,
    ),
    (
        "a payout that reached her, said to have failed",
        "update payouts set status = 'failed', reason = 'no such account'
         where id in (select id from sent)",
        Rule::Payouts,
    ),
    (
        "a payout that failed, said to have reached her",
        "update payouts set status = 'paid', reason = null where id in (select id from bounced)",
        Rule::Payouts,
    ),
    (
        "a payout that is missing, in every book but the ledger",
        "delete from payouts where id in (select id from sent);
         update payout_runs set payouts = payouts - 1, total = total - (select amount from sent)
         where id in (select run_id from sent)",
        Rule::Payouts,
    ),
    (
        "the line of a payout that is missing",
        "delete from entries where kind = 'payout' and payout_id in (select id from sent)",
        Rule::Payouts,
    ),
    (
        "the line of a payout that came back, missing",
        "delete from entries where kind = 'payout_returned' and payout_id in (select id from bounced)",
        Rule::Payouts,
    ),
    (
        "a line for the payout of somebody else",
        "update entries set payout_id = payout_id + 1
         where kind = 'payout' and payout_id in (select id from sent)",
        Rule::Payouts,
    ),
    (
        "a payout that came back twice, in every book",
        "insert into entries
            select a.user_id, a.seq + 1, 'payout_returned', b.amount, a.by_level, a.reversed,
                a.paid - b.amount, a.adjusted, null, null, null, null, b.id, null, b.settled_at,
                iif(b.settled_at < a.latest, b.settled_at, null), iif(b.settled_at < a.latest, a.latest, null), null
            from bounced b join account a using (user_id)",
        Rule::Payouts,
    ),
    (
        "a payout of more than the balance, in every book",
        "insert into payouts select 404404, run_id, user_id, 100000000, 'pending', null, created_at, null
            from sent;
         insert into entries
            select a.user_id, a.seq + 1, 'payout', -100000000, a.by_level, a.reversed,
                a.paid + 100000000, a.adjusted, null, null, null, null, 404404, null, s.created_at,
                iif(s.created_at < a.latest, s.created_at, null), iif(s.created_at < a.latest, a.latest, null), null
            from sent s join account a using (user_id);
         update payout_runs set payouts = payouts + 1, total = total + 100000000
         where id in (select run_id from sent)",
        Rule::Payouts,
    ),
    (
        "the run of a payout",
        "update payouts set run_id = run_id + 1 where id in (select id from sent)",
        Rule::PayoutRun,
    ),
    (
        "the count of a run",
        "update payout_runs set payouts = payouts + 1 where id in (select run_id from sent)",
        Rule::PayoutRun,
    ),
    (
        "the total of a run",
        "update payout_runs set total = total - 1 where id in (select run_id from sent)",
        Rule::PayoutRun,
    ),
    (
        "the minimum of a run",
        "update payout_runs set minimum = 100000000 where id in (select run_id from sent)",
        Rule::PayoutRun,
    ),
    (
        "a run that is missing",
        "delete from payout_runs where id in (select run_id from sent)",
        Rule::PayoutRun,
    ),
    // Adjustments.
    (
        "the amount of an adjustment",
        "update adjustments set amount = amount + 1 where id = 1",
        Rule::Adjustments,
    ),
    (
        "whom an adjustment was for",
        "update adjustments set user_id = user_id + 1 where id = 1",
        Rule::Adjustments,
    ),
    ("the time of an adjustment", "update adjustments set created_at = 5 where id = 1", Rule::Adjustments),
    ("an adjustment that is missing", "delete from adjustments where id = 1", Rule::Adjustments),
    (
        "an adjustment without a line",
        "insert into adjustments select 404404, user_id, amount, reason, null, created_at
         from adjustments where id = 1",
        Rule::Adjustments,
    ),
    (
        "an adjustment that is made twice, in every book",
        "insert into entries
            select a.user_id, a.seq + 1, 'adjustment', d.amount, a.by_level, a.reversed, a.paid,
                a.adjusted + d.amount, null, null, null, null, null, d.id, d.created_at,
                iif(d.created_at < a.latest, d.created_at, null), iif(d.created_at < a.latest, a.latest, null), null
            from adjustments d join account a using (user_id) where d.id = 1",
        Rule::Adjustments,
    ),
    // Holds.
    (
        "an amount on hold",
        "update held set amount = amount - 1 where (user_id, matures_at) in (select user_id, matures_at from on_hold)",
        Rule::Held,
    ),
    (
        "the moment until which an amount is on hold",
        "update held set matures_at = matures_at + 864000000 where (user_id, matures_at) in (select user_id, matures_at from on_hold)",
        Rule::Held,
    ),
    (
        "whose amount is on hold",
        "update held set user_id = 404404 where (user_id, matures_at) in (select user_id, matures_at from on_hold)",
        Rule::Held,
    ),
    (
        "an amount on hold that is missing",
        "delete from held where (user_id, matures_at) in (select user_id, matures_at from on_hold)",
        Rule::Held,
    ),
    (
        "an amount on hold that nobody earned",
        "insert into held select id, 1, 500 from users where name = 'Loner'",
        Rule::Held,
    ),
    (
        "two moments on hold that changed places",
        "update held set amount = amount + 500 where (user_id, matures_at) in (select user_id, matures_at from on_hold);
         insert into held select user_id, matures_at + 864000000, -500 from on_hold",
        Rule::Held,
    ),
    (
        "an amount on hold that was taken back",
        "update held set amount = held.amount - e.amount
            from (select user_id, amount, occurred_at from entries where kind = 'reversal'
                and purchase_id in (select id from purchases where plan_version = 3)
                order by user_id, seq limit 1) e
         where held.user_id = e.user_id",
        Rule::Held,
    ),
    ("the hold of a plan", "update plans set hold_days = 3 where version = 3", Rule::Held),
    ("a hold that a plan never had", "update plans set hold_days = 1 where version = 1", Rule::Held),
];
