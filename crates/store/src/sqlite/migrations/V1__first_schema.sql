-- The first schema. Money is in paise, times are milliseconds since 1970 (UTC),
-- and every index says which question it answers.

create table plans (
    version integer primary key,
    effective_from integer not null,
    currency text not null,
    commission_above integer not null,
    max_direct_referrals integer not null,
    levels text not null, -- basis points, nearest level first
    rounding text not null,
    hold_days integer not null,
    max_commission integer,
    created_at integer not null
) strict;

-- Which plan is in force?
create index plans_effective on plans (effective_from, version);

create table users (
    id integer primary key,
    name text not null,
    email text not null unique,
    code integer not null unique, -- the 50 bits of the referral code
    referrer_id integer references users (id) check (referrer_id < id), -- hence no cycles
    direct_count integer not null default 0 check (direct_count >= 0),
    active integer not null default 1 check (active in (0, 1)),
    plan_version integer not null references plans (version), -- whose limit the referrer's slot was taken under
    password_hash text,
    reference text unique,
    joined_at integer not null
) strict;

-- Who stands below a member?
create index users_referrer on users (referrer_id, id) where referrer_id is not null;

-- Every activation and deactivation, so that the past can be recomputed: a member
-- was what her last change up to a purchase made her. Purchases are numbered in
-- the order of their commits; clocks can go back.
create table activity (
    user_id integer not null references users (id),
    number integer not null, -- 1, 2, 3, … for each member
    active integer not null check (active in (0, 1)),
    from_purchase integer not null, -- the first purchase that read it
    changed_at integer not null,
    primary key (user_id, number)
) strict, without rowid;

create table purchases (
    id integer primary key,
    reference text,
    buyer_id integer not null references users (id),
    amount integer not null check (amount > 0),
    plan_version integer not null references plans (version),
    decisions text not null, -- LETTER[EARNER]:RATE[:AMOUNT], nearest level first
    created_at integer not null,
    refunded integer not null default 0 check (refunded between 0 and amount)
) strict;

-- Was this purchase reported before?
create unique index purchases_reference on purchases (reference) where reference is not null;

create table refunds (
    id integer primary key,
    purchase_id integer not null references purchases (id),
    reference text unique,
    amount integer not null check (amount > 0),
    net integer not null check (net >= 0), -- what was left of the purchase
    reversed integer not null check (reversed >= 0), -- what all levels gave back
    created_at integer not null
) strict;

-- What was taken back of a purchase?
create index refunds_purchase on refunds (purchase_id, id);

create table payout_runs (
    id integer primary key,
    reference text unique,
    minimum integer not null,
    payouts integer not null,
    total integer not null,
    created_at integer not null
) strict;

create table payouts (
    id integer primary key,
    run_id integer not null references payout_runs (id),
    user_id integer not null references users (id),
    amount integer not null check (amount > 0),
    status text not null check (status in ('pending', 'paid', 'failed')),
    reason text check ((reason is not null) = (status = 'failed')),
    created_at integer not null,
    settled_at integer check ((settled_at is not null) = (status <> 'pending'))
) strict;

-- What did a run make?
create index payouts_run on payouts (run_id, id);
-- What was sent to a member?
create index payouts_user on payouts (user_id, id);

create table adjustments (
    id integer primary key,
    user_id integer not null references users (id),
    amount integer not null check (amount <> 0),
    reason text not null,
    reference text unique,
    created_at integer not null
) strict;

-- The ledger. A member's lines lie side by side, so her statement is one range,
-- and each carries the sums after it, so the last one is her account.
create table entries (
    user_id integer not null references users (id),
    seq integer not null check (seq > 0),
    kind text not null,
    amount integer not null,
    by_level text not null, -- commissions less reversals, nearest level first
    reversed integer not null,
    paid integer not null,
    adjusted integer not null,
    purchase_id integer references purchases (id),
    source_id integer references users (id),
    level integer,
    refund_id integer references refunds (id),
    payout_id integer references payouts (id),
    adjustment_id integer references adjustments (id),
    created_at integer not null,
    primary key (user_id, seq)
) strict, without rowid;

create trigger entries_are_never_updated before update on entries
begin select raise(abort, 'the ledger is append-only'); end;

create trigger entries_are_never_deleted before delete on entries
begin select raise(abort, 'the ledger is append-only'); end;

-- Commissions that cannot be paid out before some day, less their reversals.
-- Written only under a plan that holds them.
create table held (
    user_id integer not null references users (id),
    day integer not null, -- the first on which they can be paid out, counted from 1970-01-01
    amount integer not null,
    primary key (user_id, day)
) strict, without rowid;

-- What a buyer's purchases came to at each level: charts read the downline,
-- never the history.
create table source_totals (
    source_id integer not null references users (id),
    level integer not null,
    earner_id integer not null references users (id),
    amount integer not null,
    purchases integer not null,
    primary key (source_id, level)
) strict, without rowid;

create table api_keys (
    id integer primary key,
    name text not null,
    hash blob not null unique,
    scopes text not null,
    created_at integer not null,
    revoked_at integer
) strict;

-- What was changed by hand, by whom, and when.
create table audit (
    id integer primary key,
    actor text not null,
    action text not null,
    subject text not null,
    detail text not null, -- JSON
    created_at integer not null
) strict;

create trigger audit_is_never_updated before update on audit
begin select raise(abort, 'the audit trail is append-only'); end;

create trigger audit_is_never_deleted before delete on audit
begin select raise(abort, 'the audit trail is append-only'); end;
