-- A plan that was to come can be withdrawn before it begins. It stays in the list, so
-- that its number is never used again.
alter table plans add column withdrawn_at bigint;
