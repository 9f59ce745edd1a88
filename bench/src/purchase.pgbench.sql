-- One purchase as it is decided and written on PostgreSQL, by the statements one
-- would write for it: the same tables and locks, one after another. Its books
-- pass `banyan verify`.
\set buyer random(1, :members)
\set amount random(100100, 999999)
\set reference random(1, 9000000000000000000)
\set first (:amount * 500 + 5000) / 10000
\set second (:amount * 100 + 5000) / 10000
begin;
select version as plan from plans where effective_from <= (extract(epoch from clock_timestamp()) * 1000)::bigint order by effective_from desc, version desc limit 1 \gset
select coalesce(r.id, 0) as mother, coalesce(g.id, 0) as grandmother from users b left join users r on r.id = b.referrer_id left join users g on g.id = r.referrer_id where b.id = :buyer \gset
select id from purchases where reference = lpad(to_hex(:reference::bigint), 16, '0');
select id from users where id in (:mother, :grandmother) order by id for no key update;
select nextval('purchase_ids') as purchase, (extract(epoch from clock_timestamp()) * 1000)::bigint as now \gset
\if :mother > 0
select coalesce(e.seq, 0) + 1 as m_seq, coalesce(split_part(e.by_level, ' ', 1)::bigint, 0) as m_one, coalesce(nullif(split_part(e.by_level, ' ', 2), '')::bigint, 0) as m_two, coalesce(e.reversed, 0) as m_reversed, coalesce(e.paid, 0) as m_paid, coalesce(e.adjusted, 0) as m_adjusted from users u left join lateral (select * from entries where user_id = u.id order by seq desc limit 1) e on true where u.id = :mother \gset
\endif
\if :grandmother > 0
select coalesce(e.seq, 0) + 1 as g_seq, coalesce(split_part(e.by_level, ' ', 1)::bigint, 0) as g_one, coalesce(nullif(split_part(e.by_level, ' ', 2), '')::bigint, 0) as g_two, coalesce(e.reversed, 0) as g_reversed, coalesce(e.paid, 0) as g_paid, coalesce(e.adjusted, 0) as g_adjusted from users u left join lateral (select * from entries where user_id = u.id order by seq desc limit 1) e on true where u.id = :grandmother \gset
\endif
insert into purchases (id, reference, buyer_id, amount, plan_version, decisions, created_at) values (:purchase, lpad(to_hex(:reference::bigint), 16, '0'), :buyer, :amount, :plan, case when :mother::bigint > 0 then format('P%s:500:%s', :mother::bigint, :first::bigint) else 'N:500' end || ' ' || case when :grandmother::bigint > 0 then format('P%s:100:%s', :grandmother::bigint, :second::bigint) else 'N:100' end, :now);
\if :mother > 0
insert into entries (user_id, seq, kind, amount, by_level, reversed, paid, adjusted, purchase_id, source_id, level, created_at) values (:mother, :m_seq, 'commission', :first, format('%s %s', :m_one::bigint + :first::bigint, :m_two::bigint), :m_reversed, :m_paid, :m_adjusted, :purchase, :buyer, 1, :now);
insert into source_totals (source_id, level, earner_id, amount, purchases) values (:buyer, 1, :mother, :first, 1) on conflict (source_id, level) do update set amount = source_totals.amount + excluded.amount, purchases = source_totals.purchases + 1;
\endif
\if :grandmother > 0
insert into entries (user_id, seq, kind, amount, by_level, reversed, paid, adjusted, purchase_id, source_id, level, created_at) values (:grandmother, :g_seq, 'commission', :second, format('%s %s', :g_one::bigint, :g_two::bigint + :second::bigint), :g_reversed, :g_paid, :g_adjusted, :purchase, :buyer, 2, :now);
insert into source_totals (source_id, level, earner_id, amount, purchases) values (:buyer, 2, :grandmother, :second, 1) on conflict (source_id, level) do update set amount = source_totals.amount + excluded.amount, purchases = source_totals.purchases + 1;
\endif
commit;
