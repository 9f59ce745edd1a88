// Several nodes on one database: nobody can tell which of them answered, and
// one that dies takes nothing with it.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import {
  api, ask, client, collect, connected, cuttable, family, next, numbers, register, sleep, until, upTo,
} from './support.mjs';

const nodes = process.env.BANYAN_URLS.split(' ');
const key = process.env.BANYAN_KEY;

const EVENTS = 10_000;
const CUTS = 200;
const BUYERS_AT_ONCE = 24;

/** What each request of a list came to, all of them under way at once. */
const all = (requests) => Promise.all(requests);

const post = (at, path, body) =>
  fetch(at + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

test('of 64 strangers with one code, spread over the nodes, exactly 8 get in', async () => {
  const { referral_code } = await register('Asha Rao');
  const answers = await all(upTo(64).map((number) =>
    post(nodes[number % nodes.length], '/api/users/register', {
      name: `Stranger ${number}`, email: `${randomUUID()}@example.com`, referral_code,
    })));
  const statuses = answers.map(({ status }) => status);
  assert.equal(statuses.filter((status) => status === 201).length, 8);
  assert.equal(statuses.filter((status) => status === 409).length, 56);
});

test('one reference sent to all nodes at once has one effect and one answer', async () => {
  const { mother, buyer } = await family();
  for (let round = 1; round <= 10; round += 1) {
    const purchase = { user_id: buyer.user_id, amount: '2000.00', reference: randomUUID() };
    const answers = await all(upTo(15).map((number) => post(nodes[number % nodes.length], '/api/purchases', purchase)));
    assert.equal(answers.filter(({ status }) => status === 201).length, 1);
    const bodies = new Set(await all(answers.map((answer) => answer.text())));
    assert.equal(bodies.size, 1, [...bodies].join('\n'));
    const { total_earnings: total } = await api('GET', `/api/earnings/${mother.user_id}`, undefined, mother);
    assert.equal(total, `${round * 100}.00`);
  }
});

test('a purchase on one node is seen on another within 250 ms at the median', async (t) => {
  const { mother, buyer } = await family();
  const socket = await connected(t, { auth: { token: mother.token }, transports: ['websocket'] }, nodes[1]);
  await ask(socket, 'register', mother.user_id);
  const waits = [];
  for (let round = 0; round < 21; round += 1) {
    await sleep((round * 37) % 250);
    const arrived = next(socket, 'new_earning');
    const answer = await post(nodes[0], '/api/purchases', { user_id: buyer.user_id, amount: '2000.00' });
    assert.equal(answer.status, 201);
    const answered = performance.now();
    await arrived;
    waits.push(performance.now() - answered);
  }
  waits.sort((a, b) => a - b);
  t.diagnostic(`median ${waits[10].toFixed(0)} ms, longest ${waits[20].toFixed(0)} ms`);
  assert.ok(waits[10] < 250, `${waits}`);
});

test(`${EVENTS} events, ${CUTS} cuts and a node that dies: each arrives once and in order`, async (t) => {
  const { mother, buyer } = await family();
  const up = [...nodes];
  let turn = 0;
  const { at, cut } = await cuttable(t, () => up[(turn += 1) % up.length]);
  const socket = client(t, { transports: ['websocket'], auth: { token: mother.token } }, at);
  const [events, refused] = [collect(socket), collect(socket, 'error')];
  socket.on('connect', () => socket.emit('register', mother.user_id, { after: events.at(-1)?.seq ?? 0 }));
  await next(socket, 'connect');

  let started = 0;
  let bought = 0;
  /** Buys until somebody who is there has acknowledged it. */
  const buyForSure = async (number) => {
    const purchase = { user_id: buyer.user_id, amount: '2000.00', reference: randomUUID() };
    for (let attempt = number; ; attempt += 1) {
      const answer = await post(up[attempt % up.length], '/api/purchases', purchase).catch(() => undefined);
      if (answer?.ok) return answer.arrayBuffer();
      assert.ok([undefined, 503].includes(answer?.status), `${answer?.status} ${await answer?.text()}`);
      await sleep(10);
    }
  };
  const shops = upTo(BUYERS_AT_ONCE).map(async () => {
    for (; started < EVENTS; bought += 1) await buyForSure((started += 1));
  });
  for (let cuts = 1; cuts <= CUTS; cuts += 1) {
    // Spread over all of the purchases.
    await until(() => bought >= (cuts * EVENTS) / (CUTS + 1), () => `${bought} of ${EVENTS} purchases`);
    const back = next(socket, 'connect');
    if (cuts === CUTS / 2) {
      process.kill(Number(process.env.BANYAN_PROCESS), 'SIGKILL');
      up.splice(0, 1);
    }
    await until(() => (cut(), !socket.connected), 'the client notices the cut');
    await back;
  }
  await Promise.all(shops);

  await until(() => events.length >= EVENTS, () => `${events.length} of ${EVENTS} events`);
  await sleep(300);
  assert.deepEqual(numbers(events), upTo(EVENTS));
  assert.deepEqual(refused, []);
  assert.equal(events.at(-1).total_earnings, `${EVENTS * 100}.00`);
});
