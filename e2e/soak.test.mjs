// A server that works for an hour: sales, looks, sign-ins, and sockets that come and go.
// Nothing is lost, and its memory in the end is what it was on the way.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { LASTING_CLIENTS, Servers, faults, follower, haveAll, shop } from './followers.mjs';
import { api, family, sleep, until, upTo } from './support.mjs';

const MINUTES = Number(process.env.BANYAN_SOAK_MINUTES ?? 60);

/** Trees that nobody watches, each with a buyer of its own. */
const TREES = 40;

/** How often the memory is read, a connection is cut, somebody looks, and somebody signs in. */
const MEMORY_MS = 2_000;
const CUT_MS = 1_000;
const LOOK_MS = 50;
const SIGN_IN_MS = 10_000;

/** How much more memory the last third may take than the one before, as a share. */
const GROWTH_MAX = 0.1;

const BACK_MS = 90_000;

const servers = new Servers();

/** The memory of the first server, in MB. */
function memory() {
  const [, kilobytes] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${servers.nodes[0].process}/status`, 'utf8'));
  return Number(kilobytes) / 1024;
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
const any = (list) => list[Math.floor(Math.random() * list.length)];

test(`${MINUTES} minutes of work`, async (t) => {
  const watched = await family();
  const trees = await Promise.all(upTo(TREES).map(family));
  const followers = [];
  for (const kind of Object.keys(LASTING_CLIENTS)) {
    const transports = any(['polling', 'websocket', 'polling+websocket']);
    followers.push(await follower(t, kind, transports, servers.sticky(followers.length), watched.mother, LASTING_CLIENTS));
  }
  await until(() => followers.every(({ joins }) => joins > 0), 'all have joined', BACK_MS);

  const email = `${randomUUID()}@example.com`;
  const password = 'a long enough password';
  await api('POST', '/api/users/register', { name: 'Divya Menon', email, password });
  const looks = [
    ({ mother }) => `/api/earnings/${mother.user_id}`,
    ({ mother }) => `/api/earnings/${mother.user_id}/chart`,
    ({ mother }) => `/api/earnings/${mother.user_id}/entries?limit=100`,
    ({ grandmother }) => `/api/users/${grandmother.user_id}/referrals`,
    () => '/api/purchases?limit=100',
    () => '/api/users?limit=100',
    () => '/api/stats',
  ];
  let done = false;
  const again = async (pause, work) => {
    for (; !done; await sleep(pause)) await work();
  };
  const readings = [];
  const counts = { looks: 0, cuts: 0, signIns: 0, elsewhere: 0 };
  const purchase = (buyer) => ({ user_id: buyer.user_id, amount: '2000.00', reference: randomUUID() });
  const shops = shop(servers, watched.buyer, { atOnce: 1, pause: 50 });
  const working = [
    again(MEMORY_MS, () => readings.push(memory())),
    again(CUT_MS, () => (any(followers).cut(), (counts.cuts += 1))),
    again(LOOK_MS, async () => (await api('GET', any(looks)(any(trees))), (counts.looks += 1))),
    again(SIGN_IN_MS, async () => (await api('POST', '/api/sessions', { email, password }), (counts.signIns += 1))),
    ...upTo(4).map(() => again(15, async () => (await api('POST', '/api/purchases', purchase(any(trees).buyer)), (counts.elsewhere += 1)))),
  ];
  await Promise.race([sleep(MINUTES * 60_000), ...working]);
  done = true;
  await Promise.all(working);
  const bought = await shops.close();
  await haveAll(followers, bought, BACK_MS);

  const third = Math.floor(readings.length / 3);
  const [before, last] = [median(readings.slice(third, 2 * third)), median(readings.slice(2 * third))];
  t.diagnostic(
    `result: ${MINUTES} minutes, ${bought + counts.elsewhere} sales, ${counts.looks} looks, ${counts.signIns} sign-ins, ` +
      `${counts.cuts} cuts, ${followers.length} clients, lost ${followers.reduce((sum, one) => sum + faults(one, bought).lost, 0)}; ` +
      `memory ${before.toFixed(1)} MB in the second third, ${last.toFixed(1)} MB in the last, ${Math.max(...readings).toFixed(1)} MB at most`,
  );
  assert.ok(last < before * (1 + GROWTH_MAX), `${before} MB, then ${last} MB`);
});
