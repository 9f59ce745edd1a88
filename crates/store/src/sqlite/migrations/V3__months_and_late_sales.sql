-- A sale has three times: when it was made, when it was booked, and when it was
-- written. They are one time for most sales, so the second and the third are null
-- where they equal the first.
alter table purchases rename column created_at to occurred_at;
alter table purchases add column booked_at integer;
alter table purchases add column recorded_at integer;
alter table purchases add column matures_at integer; -- when what it paid can be paid out, where that is held back
alter table purchases add column present_plan integer; -- in force when it was recorded, where it is another one
alter table purchases add column metadata text; -- JSON

-- Which sales were recorded under another plan than the one of their time?
create index purchases_backdated on purchases (id) where present_plan is not null;

-- A line is late when it was booked before a line that stands above it. All others
-- stand in the order of their booking, so a month of theirs is a range of `seq`.
drop trigger entries_are_never_updated;
alter table entries rename column created_at to occurred_at;
alter table entries add column booked_at integer; -- null where it equals occurred_at
alter table entries add column booked_through integer; -- of late lines: the latest booking up to them
alter table entries add column matures_at integer;

update entries set booked_at = occurred_at, booked_through = so_far.latest
from (select user_id, seq, max(occurred_at) over (partition by user_id order by seq) as latest from entries) so_far
where so_far.user_id = entries.user_id and so_far.seq = entries.seq and so_far.latest > entries.occurred_at;

-- Which late lines belong to a month?
create index entries_late on entries (user_id, booked_at, seq) where booked_through is not null;

-- Days were those of UTC.
update purchases set matures_at = (occurred_at / 86400000 + plans.hold_days) * 86400000
from plans where plans.version = purchases.plan_version and plans.hold_days > 0;
update entries set matures_at = purchases.matures_at
from purchases where purchases.id = entries.purchase_id and purchases.matures_at is not null;

create trigger entries_are_never_updated before update on entries
begin select raise(abort, 'the ledger is append-only'); end;

-- What is held matures at a moment, whatever the time zone says of days later on.
alter table held rename to held_by_day;
create table held (
    user_id integer not null references users (id),
    matures_at integer not null,
    amount integer not null,
    primary key (user_id, matures_at)
) strict, without rowid;
insert into held (user_id, matures_at, amount) select user_id, day * 86400000, amount from held_by_day;
drop table held_by_day;

-- The time zones whose days and months count; of two for one month, the one that
-- was set last. A programme that is older than this table counts by UTC until
-- another is set.
create table time_zones (
    from_month text not null, -- the first month of which it counts, such as 2026-12
    set_at integer not null,
    name text not null, -- by the IANA
    primary key (from_month, set_at)
) strict, without rowid;
insert into time_zones (from_month, name, set_at) select '0000-01', 'UTC', 0 where exists (select 1 from plans);

-- Months that were closed. Nothing is booked in them, nor in any before them.
create table closed_months (
    month text primary key, -- such as 2026-10
    ends_at integer not null,
    closed_at integer, -- null while it is open again
    reopened_at integer
) strict, without rowid;

-- Since when is something open?
create index closed_months_end on closed_months (ends_at) where closed_at is not null;

-- The shop's own number of a member, and what it keeps with her.
alter table users add column external_id text;
alter table users add column metadata text; -- JSON
create unique index users_external_id on users (external_id) where external_id is not null;
