-- Sign-ins. A token names its session, and opens nothing once that has ended.
-- Nothing in here opens anything.
create table sessions (
    id text primary key, -- as it stands in the token
    user_id integer references users (id), -- null: the owner
    made_by text not null,
    made_at integer not null,
    expires_at integer not null, -- when the token expires and the row can go
    ended_at integer
) strict, without rowid;

-- Which sessions of hers go on?
create index sessions_by_user on sessions (user_id) where ended_at is null;

-- Which have ended lately?
create index sessions_by_end on sessions (ended_at) where ended_at is not null;

-- Which can be forgotten?
create index sessions_by_expiry on sessions (expires_at);
