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
    max_commission integer
) strict;

create table users (
    id integer primary key,
    name text not null,
    email text not null unique,
    code integer not null unique, -- the 50 bits of the referral code
    referrer_id integer references users (id) check (referrer_id < id), -- hence no cycles
    direct_count integer not null default 0 check (direct_count >= 0),
    plan_version integer not null references plans (version), -- whose limit the referrer's slot was taken under
    password_hash text,
    reference text unique,
    joined_at integer not null
) strict;

-- Who stands below a member?
create index users_referrer on users (referrer_id, id) where referrer_id is not null;

-- Hot and narrow: rewritten by every commission.
create table accounts (
    user_id integer primary key references users (id),
    active integer not null check (active in (0, 1)),
    seq integer not null default 0,
    earned integer not null default 0,
    reversed integer not null default 0,
    paid integer not null default 0,
    adjusted integer not null default 0,
    by_level text not null default '' -- commissions less reversals, nearest level first
) strict;

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
    created_at integer not null
) strict;

-- Was this purchase reported before?
create unique index purchases_reference on purchases (reference) where reference is not null;

-- The ledger. A member's lines lie side by side, so her statement is one range.
create table entries (
    user_id integer not null references accounts (user_id),
    seq integer not null check (seq > 0),
    kind text not null,
    amount integer not null,
    balance integer not null,
    total_earnings integer not null,
    purchase_id integer references purchases (id),
    source_id integer references users (id),
    level integer,
    created_at integer not null,
    primary key (user_id, seq)
) strict, without rowid;

create trigger entries_are_never_updated before update on entries
begin select raise(abort, 'the ledger is append-only'); end;

create trigger entries_are_never_deleted before delete on entries
begin select raise(abort, 'the ledger is append-only'); end;

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
