// One file, one connection, one transaction for each purchase.

import Database from 'better-sqlite3';
import { MAX_DIRECT_REFERRALS, Refused, decide, isSame } from './plan.js';

const SCHEMA = `
create table if not exists users (
  id integer primary key,
  name text not null,
  email text not null unique,
  referral_code text not null unique,
  referrer_id integer references users (id),
  direct_count integer not null default 0,
  is_active integer not null default 1,
  created_at integer not null
);
create table if not exists purchases (
  id integer primary key,
  user_id integer not null references users (id),
  amount integer not null,
  reference text unique,
  created_at integer not null
);
create table if not exists earnings (
  id integer primary key,
  user_id integer not null references users (id),
  from_user_id integer not null references users (id),
  purchase_id integer not null references purchases (id),
  level integer not null,
  amount integer not null,
  created_at integer not null
);
create index if not exists earnings_user on earnings (user_id, id);
create index if not exists earnings_purchase on earnings (purchase_id);`;

export async function open(file) {
  const db = new Database(file);
  db.pragma('journal_mode = wal');
  db.pragma('synchronous = full');
  db.pragma('foreign_keys = on');
  db.exec(SCHEMA);

  const userByCode = db.prepare('select id, is_active from users where referral_code = ?');
  const takeSlot = db.prepare('update users set direct_count = direct_count + 1 where id = ? and direct_count < ?');
  const insertUser = db.prepare(
    'insert into users (name, email, referral_code, referrer_id, created_at) values (?, ?, ?, ?, ?)',
  );
  const buyerById = db.prepare(
    `select b.name, r.id r_id, r.is_active r_active, g.id g_id, g.is_active g_active from users b
     left join users r on r.id = b.referrer_id left join users g on g.id = r.referrer_id where b.id = ?`,
  );
  const purchaseByReference = db.prepare('select id, user_id, amount from purchases where reference = ?');
  const earningsOfPurchase = db.prepare(
    'select level, user_id, amount from earnings where purchase_id = ? order by level',
  );
  const insertPurchase = db.prepare(
    'insert into purchases (user_id, amount, reference, created_at) values (?, ?, ?, ?)',
  );
  const insertEarning = db.prepare(
    `insert into earnings (user_id, from_user_id, purchase_id, level, amount, created_at)
     values (?, ?, ?, ?, ?, ?)`,
  );
  const userById = db.prepare('select id from users where id = ?');
  const totals = db.prepare('select level, sum(amount) amount from earnings where user_id = ? group by level');
  const newest = db.prepare(
    `select e.level, e.amount, e.created_at, e.purchase_id, e.from_user_id, u.name from_user from earnings e
     join users u on u.id = e.from_user_id where e.user_id = ? order by e.id desc limit 50`,
  );

  const register = ({ name, email, code, referralCode }) => {
    let referrer = null;
    if (referralCode) {
      referrer = userByCode.get(referralCode);
      if (!referrer) throw new Refused(422, 'invalid_referral_code');
      if (!referrer.is_active) throw new Refused(422, 'referrer_inactive');
      if (takeSlot.run(referrer.id, MAX_DIRECT_REFERRALS).changes === 0) {
        throw new Refused(409, 'referral_limit_reached');
      }
    }
    try {
      return Number(insertUser.run(name, email, code, referrer?.id ?? null, Date.now()).lastInsertRowid);
    } catch (error) {
      if (error.code === 'SQLITE_CONSTRAINT_UNIQUE') throw new Refused(409, 'email_taken');
      throw error;
    }
  };

  const purchase = ({ userId, amount, reference }) => {
    const earlier = reference && purchaseByReference.get(reference);
    if (earlier) {
      if (!isSame(earlier, userId, amount)) throw new Refused(409, 'reference_reused');
      return { id: earlier.id, earnings: earningsOfPurchase.all(earlier.id), replayed: true };
    }
    const buyer = buyerById.get(userId);
    if (!buyer) throw new Refused(404, 'user_not_found');
    const upline = [{ id: buyer.r_id, is_active: buyer.r_active }, { id: buyer.g_id, is_active: buyer.g_active }];
    const earnings = decide(amount, upline);
    const now = Date.now();
    const id = Number(insertPurchase.run(userId, amount, reference ?? null, now).lastInsertRowid);
    for (const { level, user_id, amount } of earnings) insertEarning.run(user_id, userId, id, level, amount, now);
    return { id, earnings, buyer: buyer.name, createdAt: now, replayed: false };
  };

  const begin = (work) => db.transaction(work).immediate;
  const [registering, buying, seeding] = [
    begin(register),
    begin(purchase),
    begin((members) => members.forEach(register)),
  ];
  return {
    register: async (member) => registering(member),
    seed: async (members) => seeding(members),
    purchase: async (sale) => buying(sale),
    earnings: async (user) => userById.get(user) && { totals: totals.all(user), newest: newest.all(user) },
    close: async () => db.close(),
  };
}
