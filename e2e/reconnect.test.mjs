// Connections that break while money moves, and more than one server: every
// line arrives once and in order all the same.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ask, buy, client, collect, connected, cuttable, family, next, numbers, sleep, until, upTo, url,
} from './support.mjs';

const second = process.env.BANYAN_SECOND_URL;

const CUTS = 50;
const BUYERS_AT_ONCE = 4;
const PURCHASES_MAX = 3000;

/** An upgrade to WebSocket that is disturbed at the wrong moment goes on at the next ping, after up to 45 s. */
const NOTICED_MS = 60_000;

/** Registers at every connect, from the last line that arrived. */
function follow(socket, member) {
  const events = collect(socket);
  const refused = collect(socket, 'error');
  socket.on('connect', () => socket.emit('register', member.user_id, { after: events.at(-1)?.seq ?? 0 }));
  return { events, refused };
}

/** Purchases without pause until the work is done; answers how many there were. */
async function buyWhile(buyer, work, servers = [url]) {
  let done = false;
  let bought = 0;
  const shop = async () => {
    while (!done && bought < PURCHASES_MAX) {
      bought += 1;
      await buy(buyer, '2000.00', { at: servers[bought % servers.length] });
    }
  };
  const shops = upTo(BUYERS_AT_ONCE).map(shop);
  await Promise.all([work().finally(() => (done = true)), ...shops]);
  return bought;
}

const MODES = { polling: ['polling'], websocket: ['websocket'], upgrade: ['polling', 'websocket'] };

for (const [mode, transports] of Object.entries(MODES)) {
  test(`${mode}: ${CUTS} cut connections under load lose nothing and repeat nothing`, async (t) => {
    const { mother, buyer } = await family();
    const { at, cut } = await cuttable(t, () => url);
    const socket = client(t, { transports, auth: { token: mother.token } }, at);
    const { events, refused } = follow(socket, mother);
    await next(socket, 'connect');
    const bought = await buyWhile(buyer, async () => {
      for (let cuts = 0; cuts < CUTS; cuts += 1) {
        await sleep(Math.random() * 30);
        const back = next(socket, 'connect', NOTICED_MS);
        // Half of the cuts are the client's, half the network's. Between two
        // polls there is nothing to cut, and amid an upgrade it would take long to notice.
        const cutOff = () => {
          if (!socket.io.engine.upgrading) cut();
          return !socket.connected;
        };
        if (cuts % 2) socket.io.engine.close();
        else await until(cutOff, 'the client notices the cut', NOTICED_MS);
        await back;
      }
    });
    await until(() => events.length >= bought, () => `${events.length} of ${bought} events`);
    await sleep(100);
    assert.ok(bought >= 100, `only ${bought} purchases`);
    assert.deepEqual(numbers(events), upTo(bought));
    assert.deepEqual(refused, []);
    assert.equal(events.at(-1).total_earnings, `${bought * 100}.00`);
  });
}

test('what another process writes reaches the sockets of this one', async (t) => {
  const { grandmother, mother, buyer } = await family();
  const socket = await connected(t, { auth: { token: mother.token } });
  const idle = await connected(t, { auth: { token: grandmother.token } }, second);
  const lists = [collect(socket), collect(idle)];
  await ask(socket, 'register', mother.user_id);
  await ask(idle, 'register', grandmother.user_id);

  const started = Date.now();
  await buy(buyer, '2000.00', { at: second });
  await until(() => lists[0].length === 1 && lists[1].length === 1, 'one event each');
  assert.ok(Date.now() - started < 3000, `${Date.now() - started} ms`);

  const more = await buyWhile(buyer, () => sleep(1000), [url, second]);
  await until(() => lists.every((list) => list.length >= 1 + more), () => lists.map(numbers).join('\n'));
  await sleep(300);
  for (const list of lists) assert.deepEqual(numbers(list), upTo(1 + more));
});

test('a client that comes back to another server goes on where it left off', async (t) => {
  const { mother, buyer } = await family();
  const events = [];
  let turn = 0;
  const bought = await buyWhile(buyer, async () => {
    for (; turn < 12; turn += 1) {
      const at = turn % 2 ? second : url;
      const socket = await connected(t, { auth: { token: mother.token }, transports: ['websocket'] }, at);
      socket.on('new_earning', (event) => events.push(event));
      const joined = await ask(socket, 'register', mother.user_id, { after: events.at(-1)?.seq ?? 0 });
      assert.equal(joined.ok, true);
      await sleep(60);
      socket.close();
    }
  }, [url, second]);
  const socket = await connected(t, { auth: { token: mother.token } }, second);
  socket.on('new_earning', (event) => events.push(event));
  await ask(socket, 'register', mother.user_id, { after: events.at(-1)?.seq ?? 0 });
  await until(() => events.length >= bought, () => `${events.length} of ${bought} events`);
  await sleep(300);
  assert.deepEqual(numbers(events), upTo(bought));
});
