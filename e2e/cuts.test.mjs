// Connections that are cut while money moves, with clients of every kind by every
// transport: every line arrives, once and in order. `BANYAN_CUTS` says how often to cut.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LASTING_CLIENTS, Servers, TRANSPORTS, faults, follower, haveAll, shop } from './followers.mjs';
import { family, sleep, until } from './support.mjs';

const CUTS = Number(process.env.BANYAN_CUTS ?? 300);

/** Lines that pass at least, over all clients. */
const EVENTS = Number(process.env.BANYAN_EVENTS ?? 0);

/** An upgrade that is cut at the wrong moment goes on at the next ping, after up to 45 s. */
const BACK_MS = 90_000;

test(`${CUTS} cuts lose nothing, double nothing and put nothing out of order`, async (t) => {
  const servers = new Servers();
  const { mother, buyer } = await family();
  const followers = [];
  for (const kind of Object.keys(LASTING_CLIENTS)) {
    for (const transports of process.env.BANYAN_TRANSPORTS?.split(' ') ?? TRANSPORTS) {
      const number = followers.length;
      followers.push(await follower(t, kind, transports, servers.sticky(number), mother, LASTING_CLIENTS));
    }
  }
  await until(() => followers.every(({ joins }) => joins > 0), 'all have joined', BACK_MS);
  const started = Date.now();
  const shops = shop(servers, buyer, { atOnce: EVENTS ? 8 : 3, pause: Number(process.env.BANYAN_PAUSE_MS ?? 10) });
  const lines = () => followers.reduce((sum, { seqs }) => sum + seqs.length, 0);
  const joined = () => followers.reduce((sum, { joins }) => sum + joins, 0);
  const before = joined();
  let cuts = 0;
  for (; cuts < CUTS || lines() < EVENTS; cuts += 1) {
    const one = followers[Math.floor(Math.random() * followers.length)];
    one.cut();
    await sleep(Math.random() * 2 * Number(process.env.BANYAN_CUT_EVERY_MS ?? 20));
    if (cuts % 1000 === 999) t.diagnostic(`${cuts + 1} cuts, ${lines()} lines, ${Math.round((Date.now() - started) / 1000)} s`);
  }
  const bought = await shops.close();
  await haveAll(followers, bought, BACK_MS);
  const sum = { lost: 0, doubled: 0, unordered: 0 };
  for (const one of followers) for (const [what, count] of Object.entries(faults(one, bought))) sum[what] += count;
  t.diagnostic(`result: ${cuts} cuts, ${joined() - before} connections anew, ${followers.length} clients, ${servers.nodes.length} nodes, ${lines()} lines: ${JSON.stringify(sum)}`);
  assert.ok(joined() - before > cuts / 10, 'the cuts were felt');
});
