// Money after the sale, live: every line of a ledger is one event, whatever it
// is, so the numbers of a member's events have no hole.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import {
  api, ask, buy, connected, family, numbers, sleep, until, upTo,
} from './support.mjs';

const MODES = { polling: { transports: ['polling'] }, websocket: { transports: ['websocket'] } };
const EVENTS = ['new_earning', 'earning_reversed', 'payout', 'payout_returned', 'adjustment'];
const second = process.env.BANYAN_SECOND_URL;

const owner = (method, path, body) => api(method, path, body, { token: process.env.BANYAN_ADMIN_TOKEN });
const refund = (purchase, amount, options) =>
  api('POST', `/api/purchases/${purchase.purchase_id}/refunds`, { amount, reference: randomUUID() }, options);
const payOut = () => owner('POST', '/api/payouts/runs', { reference: randomUUID() });
const newestPayout = async ({ user_id: user }) =>
  (await owner('GET', `/api/users/${user}/payouts?limit=1`)).data[0];
const settle = ({ payout_id: payout }, said) => owner('PATCH', `/api/payouts/${payout}`, said);
const adjust = ({ user_id: user }, direction, amount) =>
  owner('POST', `/api/users/${user}/adjustments`, { direction, amount, reason: 'spring campaign' });

/** The list into which every event of a ledger goes, with its name. */
function lines(socket) {
  const list = [];
  for (const name of EVENTS) socket.on(name, (data) => list.push({ name, ...data }));
  return list;
}

/** A socket that follows this member, and what it hears. */
async function follow(t, member, options, after) {
  const socket = await connected(t, { ...options, auth: { token: member.token } });
  const heard = lines(socket);
  assert.equal((await ask(socket, 'register', member.user_id, after === undefined ? {} : { after })).ok, true);
  return heard;
}

for (const [mode, transport] of Object.entries(MODES)) {
  test(`${mode}: refunds, payouts and adjustments are told as they happen`, async (t) => {
    const { grandmother, mother, buyer } = await family();
    const heard = await follow(t, mother, transport);
    const above = await follow(t, grandmother, transport);
    const purchase = await buy(buyer, '2000.00');
    const { created_at: refundedAt } = await refund(purchase, '500.00');
    await payOut();
    await settle(await newestPayout(mother), { status: 'failed', reason: 'account closed' });
    await adjust(mother, 'debit', '5.00');
    await payOut();
    await settle(await newestPayout(mother), { status: 'paid' });
    await refund(purchase, '1500.00');
    await until(() => heard.length >= 7, () => JSON.stringify(heard));
    await sleep(50);

    assert.deepEqual(heard.map(({ name, seq, amount, balance, total_earnings: total }) => [
      seq, name, amount, balance, total,
    ]), [
      [1, 'new_earning', '100.00', '100.00', '100.00'],
      [2, 'earning_reversed', '-25.00', '75.00', '75.00'],
      [3, 'payout', '-75.00', '0.00', '75.00'],
      [4, 'payout_returned', '75.00', '75.00', '75.00'],
      [5, 'adjustment', '-5.00', '70.00', '75.00'],
      [6, 'payout', '-70.00', '0.00', '75.00'],
      [7, 'earning_reversed', '-75.00', '-75.00', '0.00'],
    ]);
    const frame = { user_id: mother.user_id, seq: 2, amount: '-25.00', balance: '75.00', total_earnings: '75.00' };
    assert.deepEqual(heard[1], {
      ...frame,
      name: 'earning_reversed',
      created_at: refundedAt,
      booked_at: refundedAt,
      purchase_id: purchase.purchase_id,
      from_user: 'Chetan Gupta',
      from_user_id: buyer.user_id,
      level: 1,
    });
    const nothing = { purchase_id: null, from_user: null, from_user_id: null, level: null };
    for (const { name, ...event } of heard.slice(2, 6)) {
      const { purchase_id, from_user, from_user_id, level } = event;
      assert.deepEqual({ purchase_id, from_user, from_user_id, level }, nothing, name);
      assert.deepEqual(Object.keys(event).sort(), Object.keys({ ...frame, ...nothing, created_at: 0, booked_at: 0 }).sort());
    }
    await until(() => above.length >= 4, () => JSON.stringify(above));
    assert.deepEqual(numbers(above), upTo(4));
    assert.deepEqual([above[1].name, above[1].amount, above[1].from_user], ['earning_reversed', '-5.00', 'C•••']);
  });
}

test('what was missed comes with the numbers that it had, whatever it is', async (t) => {
  const { mother, buyer } = await family();
  const heard = await follow(t, mother, {});
  const purchases = [];
  for (let times = 0; times < 5; times += 1) purchases.push(await buy(buyer, '2000.00'));
  for (const purchase of purchases) await refund(purchase, '100.00');
  await payOut();
  await settle(await newestPayout(mother), { status: 'failed', reason: 'account closed' });
  await adjust(mother, 'credit', '1.00');
  await until(() => heard.length >= 13, () => JSON.stringify(heard));
  assert.deepEqual(numbers(heard), upTo(13));
  for (const after of [0, 4, 5, 10, 12]) {
    const again = await follow(t, mother, {}, after);
    await until(() => again.length >= 13 - after, () => `after ${after}: ${numbers(again)}`);
    assert.deepEqual(again, heard.slice(after), `after ${after}`);
  }
});

test('refunds at once, on two servers, are told once and in order', async (t) => {
  const { mother, buyer } = await family();
  const heard = await follow(t, mother, {});
  const purchases = await Promise.all(upTo(20).map(() => buy(buyer, '2000.00')));
  await Promise.all(purchases.map((purchase, number) =>
    refund(purchase, '2000.00', number % 2 ? { at: second } : {})));
  await until(() => heard.length >= 40, () => `${numbers(heard)}`);
  await sleep(50);
  assert.deepEqual(numbers(heard), upTo(40));
  assert.equal(heard.at(-1).balance, '0.00');
  for (const [before, after] of heard.slice(1).map((event, index) => [heard[index], event])) {
    const cents = (text) => Math.round(Number(text) * 100);
    assert.equal(cents(after.balance), cents(before.balance) + cents(after.amount), `line ${after.seq}`);
  }
});

test('a retry of a refund, a run or a settlement tells nobody twice', async (t) => {
  const { mother, buyer } = await family();
  const heard = await follow(t, mother, {});
  const purchase = await buy(buyer, '2000.00');
  const twice = async (call) => [await call(), await call()];
  const [body, run] = [{ amount: '500.00', reference: randomUUID() }, { reference: randomUUID() }];
  const refunds = await twice(() => api('POST', `/api/purchases/${purchase.purchase_id}/refunds`, body));
  const runs = await twice(() => owner('POST', '/api/payouts/runs', run));
  const payout = await newestPayout(mother);
  const settled = await twice(() => settle(payout, { status: 'failed', reason: 'account closed' }));
  for (const [first, again] of [refunds, runs, settled]) assert.deepEqual(again, first);
  await adjust(mother, 'credit', '1.00');
  await until(() => heard.length >= 5, () => JSON.stringify(heard));
  assert.deepEqual(heard.map((event) => event.name), [
    'new_earning', 'earning_reversed', 'payout', 'payout_returned', 'adjustment',
  ]);
});
