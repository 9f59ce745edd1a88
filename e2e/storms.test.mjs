// Strangers who shout: harmless messages without pause and handshakes without end, for
// a few seconds, from this machine to itself. The server's memory stays where it was,
// and a neighbour hears every line.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { test } from 'node:test';
import { follower, haveAll, Servers, shop } from './followers.mjs';
import { family, sleep, until, url } from './support.mjs';

/** How much memory a storm may take at most. */
const TAKEN_MAX_MB = 100;

const SHOUTERS = 4;
const SHOUTING_MS = 6_000;
const HANDSHAKES = 10_000;
const HANDSHAKES_AT_ONCE = 50;

/** Sockets without a token that there may be in all. */
const STRANGERS_MAX = 2_000;

/** How long a session may be without a socket on it. */
const CONNECT_WITHIN_MS = 10_000;

const servers = new Servers();

/** The memory of the server, in MB. */
function memory() {
  const [, kilobytes] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${servers.nodes[0].process}/status`, 'utf8'));
  return Number(kilobytes) / 1024;
}

/** Runs the storm, and answers how much memory it took at its worst. */
async function through(storm) {
  const before = memory();
  let worst = before;
  const watching = setInterval(() => (worst = Math.max(worst, memory())), 20);
  await storm();
  clearInterval(watching);
  return worst - before;
}

/** A member who hears everything meanwhile. */
async function neighbour(t) {
  const { mother, buyer } = await family();
  const one = await follower(t, 'js newest', 'websocket', () => url, mother);
  await until(() => one.joins > 0, 'the neighbour has joined');
  return { one, shops: shop(servers, buyer, { atOnce: 1, pause: 20 }) };
}

const frame = (text) => {
  const bytes = Buffer.from(text);
  assert.ok(bytes.length < 126);
  return Buffer.concat([Buffer.from([0x81, 0x80 | bytes.length, 0, 0, 0, 0]), bytes]);
};

/** Opens a WebSocket without a token and sends `register` for as long as it takes any, again and again. */
async function shout(until_) {
  const one = frame(`42${JSON.stringify(['register', 1])}`);
  const many = Buffer.concat(Array(2_000).fill(one));
  let sockets = 0;
  for (; Date.now() < until_; sockets += 1) {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.on('error', () => {});
    socket.resume();
    socket.write(['GET /socket.io/?EIO=4&transport=websocket HTTP/1.1', 'host: banyan', 'connection: upgrade',
      'upgrade: websocket', 'sec-websocket-version: 13', 'sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==', '', ''].join('\r\n'));
    await sleep(50);
    socket.write(frame('40{}'));
    await sleep(50);
    while (Date.now() < until_ && !socket.destroyed) {
      if (!socket.write(many)) {
        await new Promise((done) => {
          socket.once('drain', done);
          socket.once('close', done);
          setTimeout(done, 500);
        });
      }
    }
    socket.destroy();
  }
  return sockets;
}

test('sockets that send without pause', async (t) => {
  const { one, shops } = await neighbour(t);
  const until_ = Date.now() + SHOUTING_MS;
  const taken = await through(() => Promise.all(Array.from({ length: SHOUTERS }, () => shout(until_))));
  const bought = await shops.close();
  await haveAll([one], bought);
  t.diagnostic(`${SHOUTERS} sockets took ${taken.toFixed(1)} MB at most in ${SHOUTING_MS} ms; ${bought} lines beside them`);
  assert.ok(taken < TAKEN_MAX_MB, `${taken} MB`);
});

/** Asks, and answers the status and the words. */
const ask = (agent, path, { localAddress, body } = {}) =>
  new Promise((done, failed) => {
    const asked = request(url + path, { agent, localAddress, method: body ? 'POST' : 'GET' }, async (response) => {
      done({ status: response.statusCode, words: (await response.toArray()).join('') });
    });
    asked.on('error', failed);
    asked.end(body);
  });

const POLL = '/socket.io/?EIO=4&transport=polling';

/** Begins this many sessions by polling, one after the other from many hands. */
async function knock(count, localAddress) {
  const agent = new Agent({ keepAlive: true, maxSockets: HANDSHAKES_AT_ONCE });
  const answers = [];
  let asked = 0;
  const hand = async () => {
    while (asked++ < count) answers.push(await ask(agent, POLL, { localAddress }));
  };
  await Promise.all(Array.from({ length: HANDSHAKES_AT_ONCE }, hand));
  agent.destroy();
  return answers;
}

const sidOf = ({ words }) => JSON.parse(words.slice(1)).sid;

test('handshakes without end', async (t) => {
  const { one, shops } = await neighbour(t);
  let answers;
  const taken = await through(async () => (answers = await knock(HANDSHAKES)));
  const bought = await shops.close();
  await haveAll([one], bought);
  const refused = answers.filter(({ status }) => status !== 200);
  t.diagnostic(`${HANDSHAKES} handshakes took ${taken.toFixed(1)} MB at most, ${refused.length} were refused`);
  assert.ok(taken < TAKEN_MAX_MB, `${taken} MB`);
  const said = new Set(refused.map(({ status, words }) => `${status}: ${JSON.parse(words).detail}`));
  assert.deepEqual([...said], ['429: Too many sockets from this address have sent no token; send it with `auth`.']);
});

test('strangers from many addresses make room for each other, and take none from members', async (t) => {
  const { one, shops } = await neighbour(t);
  const began = Date.now();
  const sids = [];
  for (const address of ['127.0.0.2', '127.0.0.3', '127.0.0.4']) {
    const answers = await knock(STRANGERS_MAX / 2, address);
    assert.ok(answers.every(({ status }) => status === 200), `${address}: ${answers.find(({ status }) => status !== 200)?.words}`);
    sids.push(...answers.map(sidOf));
  }
  const isThere = async (sid) => (await ask(undefined, `${POLL}&sid=${sid}`, { body: '40' })).status === 200;
  const [oldest, newest] = [await isThere(sids[0]), await isThere(sids.at(-1))];
  assert.ok(Date.now() - began < CONNECT_WITHIN_MS, 'nobody had gone by herself before');
  assert.deepEqual({ oldest, newest }, { oldest: false, newest: true });
  const bought = await shops.close();
  await haveAll([one], bought);
  assert.deepEqual(one.told.filter(({ disconnected }) => disconnected), []);
});
