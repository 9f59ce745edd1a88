// `kill -9` of the server while a member watches: she sees every line of her
// ledger once and in order, and never one that did not survive.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { test } from 'node:test';
import { api, client, collect, family, home, next, numbers, sleep, until, upTo, url } from './support.mjs';

const KILLS = 6;
const BUYERS_AT_ONCE = 4;

/** The server on the same address and data, until the test ends. */
async function restart(t) {
  const server = spawn(process.env.BANYAN_PROGRAM, ['serve', '--listen', new URL(url).host], {
    env: { ...home, BANYAN_LOG: 'error' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => server.kill('SIGKILL'));
  await once(server.stdout, 'data');
  return server;
}

/** Sends one purchase until it is acknowledged. */
async function buyForSure(buyer) {
  const purchase = { user_id: buyer.user_id, amount: '2000.00', reference: randomUUID() };
  for (;;) {
    try {
      return await api('POST', '/api/purchases', purchase);
    } catch (error) {
      // `fetch` failed: the server is away.
      if (error instanceof assert.AssertionError) throw error;
      await sleep(10);
    }
  }
}

test(`${KILLS} kills under load: what the socket shows is what the ledger holds`, async (t) => {
  const { mother, buyer } = await family();
  const socket = client(t, { auth: { token: mother.token }, transports: ['websocket'] });
  const events = collect(socket);
  socket.on('connect', () => socket.emit('register', mother.user_id, { after: events.at(-1)?.seq ?? 0 }));
  await next(socket, 'connect');

  let bought = 0;
  let done = false;
  const shops = upTo(BUYERS_AT_ONCE).map(async () => {
    for (; !done; bought += 1) await buyForSure(buyer);
  });
  let kill = () => process.kill(Number(process.env.BANYAN_PROCESS), 'SIGKILL');
  for (let kills = 0; kills < KILLS; kills += 1) {
    await sleep(100 + Math.random() * 200);
    const [gone, back] = [next(socket, 'disconnect'), next(socket, 'connect')];
    kill();
    await gone;
    const server = await restart(t);
    kill = () => server.kill('SIGKILL');
    await back;
  }
  done = true;
  await Promise.all(shops);

  const { seq, total_earnings: total } = await api('GET', `/api/earnings/${mother.user_id}`, undefined, mother);
  assert.deepEqual([seq, total], [bought, `${bought * 100}.00`], 'every purchase happened once');
  assert.ok(bought > KILLS * BUYERS_AT_ONCE, `only ${bought} purchases`);
  await until(() => events.length >= bought, () => `${events.length} of ${bought} events`);
  await sleep(100);
  assert.deepEqual(numbers(events), upTo(bought));
});
