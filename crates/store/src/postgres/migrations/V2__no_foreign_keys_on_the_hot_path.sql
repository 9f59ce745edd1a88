-- A foreign key is looked up row by row, some ten times for each purchase, which
-- was nearly half of what a purchase cost the database. Nothing is ever deleted,
-- and whoever writes one of these rows has read what it refers to: in the same
-- transaction, or once before where it never changes. `banyan verify` finds a row
-- that refers to nothing.

alter table purchases
    drop constraint purchases_buyer_id_fkey,
    drop constraint purchases_plan_version_fkey;

alter table entries
    drop constraint entries_user_id_fkey,
    drop constraint entries_purchase_id_fkey,
    drop constraint entries_source_id_fkey;

alter table source_totals
    drop constraint source_totals_source_id_fkey,
    drop constraint source_totals_earner_id_fkey;

alter table held drop constraint held_user_id_fkey;
