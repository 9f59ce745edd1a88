// What somebody would write instead of taking Banyan: Express, Socket.IO, one
// process, one transaction for each purchase. It is here to be measured.
//
//   node server.js sqlite FILE [MEMBERS.csv]
//   node server.js postgres [MEMBERS.csv]
//
// The key of its callers is in BASELINE_KEY; it listens on a free port of
// 127.0.0.1 and prints where.

import { randomBytes, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import express from 'express';
import { Server } from 'socket.io';
import { decimal, paise } from './money.js';
import { Refused } from './plan.js';

const [engine, ...rest] = process.argv.slice(2);
const file = engine === 'sqlite' ? rest.shift() : undefined;
const store = await (await import(`./${engine}.js`)).open(file);
if (rest[0]) await store.seed(await members(rest[0]));

const key = Buffer.from(process.env.BASELINE_KEY);
const holdsKey = (text) => {
  const given = Buffer.from(text ?? '');
  return given.length === key.length && timingSafeEqual(given, key);
};

const app = express();
const http = createServer(app);
const io = new Server(http);

app.use(express.json());
app.use((req, res, next) => {
  const given = /^Bearer (.+)$/.exec(req.headers.authorization ?? '')?.[1];
  if (!holdsKey(given)) throw new Refused(401, 'unauthorized');
  next();
});

app.post('/api/users/register', async (req, res) => {
  const { name, email, referral_code: referralCode } = req.body ?? {};
  if (!name || !email) throw new Refused(422, 'invalid_body');
  const code = randomBytes(5).toString('hex');
  const id = await store.register({ name, email: email.trim().toLowerCase(), code, referralCode });
  res.status(201).json({ message: 'User registered.', user_id: id, referral_code: code });
});

app.post('/api/purchases', async (req, res) => {
  const { user_id: userId, amount: given, reference } = req.body ?? {};
  const amount = paise(given);
  if (!Number.isInteger(userId)) throw new Refused(422, 'invalid_body');
  if (amount === null) throw new Refused(422, 'invalid_amount');
  const sale = await store.purchase({ userId, amount, reference });
  const { id, earnings, buyer, createdAt, replayed } = sale;
  // After the commit, and never for what was told before.
  for (const { level, user_id, amount } of replayed ? [] : earnings) {
    io.to(`user:${user_id}`).emit('new_earning', {
      from_user: buyer, from_user_id: userId, user_id, level, amount: decimal(amount), purchase_id: id,
      created_at: new Date(createdAt).toISOString(),
    });
  }
  res.status(replayed ? 200 : 201).json({
    message: 'Purchase recorded and earnings distributed.',
    purchase_id: id,
    user_id: userId,
    amount: decimal(amount),
    earnings: earnings.map((earning) => ({ ...earning, amount: decimal(earning.amount) })),
  });
});

app.get('/api/earnings/:id', async (req, res) => {
  const userId = Number(req.params.id);
  const found = Number.isSafeInteger(userId) ? await store.earnings(userId) : undefined;
  if (!found) throw new Refused(404, 'user_not_found');
  const earnings = { level_1: [], level_2: [] };
  for (const { level, amount, created_at, ...from } of found.newest) {
    earnings[`level_${level}`].push({
      level, amount_earned: decimal(amount), created_at: new Date(created_at).toISOString(), ...from,
    });
  }
  const total = found.totals.reduce((sum, { amount }) => sum + amount, 0);
  res.json({ user_id: userId, total_earnings: decimal(total), earnings });
});

app.use((error, req, res, next) => {
  const status = error.status ?? 500;
  if (status === 500) console.error(error);
  res.status(status).json({ status, code: error.message });
});

io.use((socket, next) => next(holdsKey(socket.handshake.auth.token) ? undefined : new Error('unauthorized')));
io.on('connection', (socket) => {
  socket.on('register', (userId, ack) => {
    socket.join(`user:${Number(userId)}`);
    if (typeof ack === 'function') ack({ ok: true, user_id: Number(userId) });
  });
});

http.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${http.address().port}/`));

/** Members of a file with the columns name, email, code and referrer's code. */
async function members(path) {
  const [, ...lines] = (await readFile(path, 'utf8')).trim().split('\n');
  return lines.map((line) => {
    const [name, email, code, referralCode] = line.split(',');
    return { name, email, code, referralCode };
  });
}
