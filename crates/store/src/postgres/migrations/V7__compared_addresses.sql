-- Addresses are compared as they are seen: in Unicode's composed form, without what
-- nobody sees. What is registered from now on is written so. What was registered
-- before and may differ stays as it is, and lies here as well, as it is compared.
-- ASCII does not differ.
create table compared_addresses (
    user_id bigint primary key references users (id),
    compared text unique, -- null until this program has looked, or when somebody else has it
    taken_by bigint references users (id) -- the member who has that address
);

insert into compared_addresses (user_id)
select id from users where char_length(email) <> octet_length(email);

-- Which are still to be looked at?
create index compared_addresses_due on compared_addresses (user_id) where compared is null and taken_by is null;
