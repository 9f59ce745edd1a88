// Servers that are stopped in order and start again: every client comes back by
// itself, and has missed nothing.

import { test } from 'node:test';
import assert from 'node:assert/strict';
import { CLIENTS, Servers, TRANSPORTS, follower, haveAll, shop } from './followers.mjs';
import { family, sleep, until } from './support.mjs';

/** Within this time everybody is back. */
const BACK_MS = 5_000;

test('a stop and a restart, and a rolling restart of all servers: every client is back and has missed nothing', async (t) => {
  const servers = new Servers();
  const { mother, buyer } = await family();
  const followers = [];
  for (const kind of Object.keys(CLIENTS)) {
    for (const transports of TRANSPORTS) {
      const number = followers.length;
      followers.push(await follower(t, kind, transports, servers.sticky(number), mother));
    }
  }
  await until(() => followers.every(({ joins }) => joins > 0), () =>
    followers.filter(({ joins }) => joins === 0).map(({ name, told }) => `${name}: ${JSON.stringify(told)}`).join('\n'), 60_000);
  const shops = shop(servers, buyer, { atOnce: 2, pause: 20 });

  const left = ({ told }) => told.filter(({ disconnected }) => disconnected).length;
  /** Waits until all of these who left since then are back. */
  const allBack = async (what, before, since) => {
    const gone = () => followers.filter((one, index) => left(one) > before[index].left);
    const away = () => gone().filter((one) => one.joins <= before[followers.indexOf(one)].joins);
    const tell = () => `${what}: ${away().map(({ name, told }) => `${name} ${JSON.stringify(told.slice(-3))}`).join('\n')}`;
    await until(() => gone().length > 0 && away().length === 0, tell, BACK_MS);
    t.diagnostic(`${what}: ${gone().length} clients back after ${Date.now() - since} ms`);
  };
  const now = () => followers.map((one) => ({ joins: one.joins, left: left(one) }));

  await sleep(500);
  for (let number = 0; number < servers.nodes.length; number += 1) {
    const before = now();
    await servers.stop(number);
    await servers.start(t, number);
    await allBack(`server ${number}`, before, Date.now());
  }
  const before = now();
  const all = servers.nodes.map((_, number) => number);
  await Promise.all(all.map((number) => servers.stop(number)));
  await sleep(300);
  await Promise.all(all.map((number) => servers.start(t, number)));
  await allBack('all servers', before, Date.now());
  const bought = await shops.close();
  assert.ok(bought > 20, `only ${bought} purchases`);
  await haveAll(followers, bought);
});
