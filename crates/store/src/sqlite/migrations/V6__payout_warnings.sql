-- What whoever sends the money of a run should know and the run does not say: a
-- sale behind it was refunded meanwhile. Written in the transaction of the refund,
-- because only there it is certain which payouts were under way.

-- The purchase that was to come next when the run was made: only those before it
-- can be behind its payouts. Purchases are numbered in the order of their commits;
-- clocks can go back.
alter table payout_runs add column next_purchase integer not null default 0;

update payout_runs
set next_purchase = (select coalesce(max(id), 0) + 1 from purchases where occurred_at <= payout_runs.created_at)
where id in (select run_id from payouts where status = 'pending');

create table payout_warnings (
    id integer primary key,
    run_id integer not null references payout_runs (id),
    payout_id integer not null references payouts (id),
    kind text not null,
    purchase_id integer not null references purchases (id),
    refund_id integer references refunds (id),
    amount integer not null,
    created_at integer not null
) strict;

-- What is to be known of a run?
create index payout_warnings_run on payout_warnings (run_id, id);
