// Sockets end when they should, and never before: clients that stop taking, tokens
// and keys that end, messages that come in quick succession.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { CLIENTS, Servers, follower, haveAll } from './followers.mjs';
import {
  api, ask, buy, client, collect, connected, family, home, next, numbers, sleep, until, upTo, url,
} from './support.mjs';

const [, second] = process.env.BANYAN_URLS.split(' ');
const admin = process.env.BANYAN_ADMIN_TOKEN;

/** A node notices within this what was ended on another. */
const ENDED_MS = 1_000;

/** What the machine adds to a second. */
const SLACK_MS = 500;

/** How long a short token is good for: longer than it takes to connect on a busy machine. */
const SHORT_S = 8;

const banyan = async (...args) => {
  const { stdout } = await promisify(execFile)(process.env.BANYAN_PROGRAM, args, { env: home });
  return stdout.trim();
};

const mint = async ({ user_id }, ttl) => (await api('POST', `/api/users/${user_id}/tokens`, { ttl })).token;

/** Sells so many times to a buyer, in one request. */
async function sell({ user_id }, count) {
  const lines = upTo(count).map(() => JSON.stringify({ user_id, amount: '2000.00', reference: randomUUID() }));
  const response = await fetch(`${url}/api/purchases/bulk`, {
    method: 'POST',
    headers: { authorization: `Bearer ${process.env.BANYAN_KEY}`, 'content-type': 'application/x-ndjson' },
    body: lines.join('\n'),
  });
  assert.equal(response.status, 200, await response.text());
}

/** A client by polling that polls when it is told to. */
class Poller {
  static async open(token) {
    const self = new Poller();
    self.at = `${url}/socket.io/?EIO=4&transport=polling`;
    const { sid } = JSON.parse((await self.poll()).body.slice(1));
    self.at += `&sid=${sid}`;
    await self.send(`40${JSON.stringify({ token })}`);
    return self;
  }

  async poll() {
    const response = await fetch(this.at);
    return { status: response.status, body: await response.text() };
  }

  send(packet) {
    return fetch(this.at, { method: 'POST', body: packet });
  }

  /** Polls until this stands in an answer. */
  async pollFor(text) {
    for (let body = ''; !body.includes(text); ) {
      let status;
      ({ status, body } = await this.poll());
      assert.equal(status, 200, body);
    }
  }
}

describe('sockets', { concurrency: 6, timeout: 240_000 }, () => {
  test('a client by polling that stops for 11 s while 140 sales arrive is told to come back', async () => {
    const { mother, buyer } = await family();
    const stalled = await Poller.open(mother.token);
    await stalled.send(`420${JSON.stringify(['register', mother.user_id])}`);
    await stalled.pollFor('430');
    await sell(buyer, 140);
    await sleep(11_000);
    const answers = [await stalled.poll(), await stalled.poll()];
    assert.equal(answers.at(-1).status, 400, JSON.stringify(answers));
  });

  test('clients that are stopped for 12 s have everything soon after', async (t) => {
    const { mother, buyer } = await family();
    const followers = [];
    for (const kind of ['js 3.1', 'js newest', 'python async'].filter((kind) => CLIENTS[kind])) {
      for (const transports of ['polling', 'websocket']) {
        followers.push(await follower(t, kind, transports, () => url, mother));
      }
    }
    await until(() => followers.every(({ joins }) => joins > 0), 'all have joined', 30_000);
    for (const { child } of followers) child.kill('SIGSTOP');
    await sell(buyer, 2_000);
    await sleep(12_000);
    for (const { child } of followers) child.kill('SIGCONT');
    await haveAll(followers, 2_000, 30_000);
  });

  test('a WebSocket that never reads a long ledger is cut after ten seconds', async (t) => {
    const { mother, buyer } = await family();
    for (let batch = 0; batch < 5; batch += 1) await sell(buyer, 10_000);
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    t.after(() => socket.destroy());
    const frame = (text) => {
      const bytes = Buffer.from(text);
      const length = bytes.length < 126 ? [0x80 | bytes.length] : [0x80 | 126, bytes.length >> 8, bytes.length & 255];
      return Buffer.concat([Buffer.from([0x81, ...length, 0, 0, 0, 0]), bytes]);
    };
    const head = ['GET /socket.io/?EIO=4&transport=websocket HTTP/1.1', 'host: banyan', 'connection: upgrade',
      'upgrade: websocket', 'sec-websocket-version: 13', 'sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==', '', ''];
    socket.write(head.join('\r\n'));
    let heard = '';
    socket.on('data', (bytes) => (heard += bytes.toString('latin1')));
    await until(() => heard.includes('0{"sid"'), 'open');
    socket.write(frame(`40${JSON.stringify({ token: mother.token })}`));
    await until(() => heard.includes('40{"sid"'), 'connected');
    socket.write(frame(`42${JSON.stringify(['register', mother.user_id, { after: 0 }])}`));
    socket.pause();
    // Some time until nothing more fits between the two, and ten seconds.
    await sleep(30_000);
    const ended = new Promise((done) => socket.on('close', done));
    socket.on('error', () => {});
    socket.resume();
    await ended;
    assert.ok(!heard.includes('"seq":50000,'), 'it was cut before the end');
  });

  test('what a key has opened ends with it, within a second, on every node, and opens nothing anew', async (t) => {
    const { mother, buyer } = await family();
    const made = JSON.parse(await banyan('key', 'create', '--name', 'till', '--scope', 'read', '--json'));
    const sockets = await Promise.all([url, second].map((at) => connected(t, { auth: { token: made.key } }, at)));
    const lists = sockets.map((socket) => collect(socket));
    for (const socket of sockets) {
      await ask(socket, 'register', mother.user_id);
      assert.deepEqual(await ask(socket, 'watch'), { ok: true });
    }
    const ends = sockets.map((socket) => next(socket, 'disconnect').then(([reason]) => reason));
    const errors = sockets.map((socket) => next(socket, 'error'));
    await banyan('key', 'revoke', String(made.id));
    const revoked = Date.now();
    assert.deepEqual(await Promise.all(ends), Array(2).fill('io server disconnect'));
    assert.ok(Date.now() - revoked < ENDED_MS + SLACK_MS, `${Date.now() - revoked} ms`);
    for (const [error] of await Promise.all(errors)) assert.equal(error.code, 'unauthorized');
    await buy(buyer, '2000.00');
    await sleep(100);
    assert.deepEqual(lists, [[], []]);
  });

  test('who signs out, or is signed out by the command line, hears nothing more on any node', async (t) => {
    const { mother, buyer } = await family();
    for (const end of [
      (token) => fetch(`${url}/api/sessions/current`, { method: 'DELETE', headers: { authorization: `Bearer ${token}` } }),
      () => banyan('token', 'revoke', '--user', String(mother.user_id)),
    ]) {
      const token = await mint(mother, '1h');
      const sockets = await Promise.all([url, second].map((at) => connected(t, { auth: { token } }, at)));
      for (const socket of sockets) await ask(socket, 'register', mother.user_id);
      const events = sockets.map((socket) => collect(socket));
      const ends = sockets.map((socket) => next(socket, 'disconnect'));
      await end(token);
      const ended = Date.now();
      await Promise.all(ends);
      assert.ok(Date.now() - ended < ENDED_MS + SLACK_MS, `${Date.now() - ended} ms`);
      await buy(buyer, '2000.00');
      await sleep(100);
      assert.deepEqual(events, [[], []]);
      const again = client(t, { auth: { token }, reconnection: false }, second);
      assert.equal((await next(again, 'connect_error'))[0].message, 'unauthorized');
    }
  });

  for (const [mode, transports] of Object.entries({ polling: ['polling'], websocket: ['websocket'] })) {
    test(`${mode}: who registers again while lines are on their way loses none of them`, async (t) => {
      const { mother, buyer } = await family();
      const socket = await connected(t, { auth: { token: mother.token }, transports });
      const events = collect(socket);
      await ask(socket, 'register', mother.user_id);
      const selling = Promise.all(upTo(200).map(() => buy(buyer, '2000.00')));
      for (let times = 0; times < 20; times += 1) {
        assert.equal((await ask(socket, 'register', mother.user_id)).ok, true);
        await sleep(5);
      }
      await selling;
      await until(() => events.length >= 200, () => `${events.length} of 200`);
      await sleep(100);
      assert.deepEqual(numbers(events), upTo(200));
    });

    test(`${mode}: of registers in quick succession the last one wins, and none runs beside it`, async (t) => {
      const { mother, buyer } = await family();
      await sell(buyer, 60);
      /** Whether these are parts of what each asked for, one after the other. */
      const oneAfterTheOther = (seqs) => {
        let at = 0;
        for (let seq of [31, 1, 56, 59]) for (; seqs[at] === seq; seq += 1) at += 1;
        return at === seqs.length && seqs.at(-2) === 59 && seqs.at(-1) === 60;
      };
      for (let round = 0; round < 20; round += 1) {
        const socket = await connected(t, { auth: { token: mother.token }, transports });
        const events = collect(socket);
        for (const after of [30, 0, 55]) socket.emit('register', mother.user_id, { after });
        const last = await ask(socket, 'register', mother.user_id, { after: 58 });
        assert.equal(last.ok, true);
        await until(() => events.at(-1)?.seq === 60, 'the end');
        await sleep(20);
        assert.ok(oneAfterTheOther(numbers(events)), `round ${round}: ${numbers(events)}`);
        socket.close();
      }
    });
  }

  test('a hundred streams asked for in one go are all begun', async (t) => {
    const socket = await connected(t, { auth: { token: admin }, transports: ['polling'] });
    const { mother } = await family();
    const answers = await Promise.all(upTo(100).map(() => ask(socket, 'register', mother.user_id)));
    assert.ok(answers.every(({ ok }) => ok));
  });

  for (const kind of Object.keys(CLIENTS).filter((kind) => kind.startsWith('python'))) {
    test(`${kind} by polling takes a long replay and a burst over one connection`, async (t) => {
      const { mother, buyer } = await family();
      await sell(buyer, 400);
      const one = await follower(t, kind, 'polling', () => url, mother);
      await until(() => one.seqs.length >= 400, () => `${one.seqs.length} of 400: ${JSON.stringify(one.told)}`, 30_000);
      await sell(buyer, 400);
      await haveAll([one], 800, 30_000);
      assert.deepEqual([one.joins, one.told], [1, []]);
    });
  }

  test('no answer to a poll has more than 16 packets', async () => {
    const { mother, buyer } = await family();
    await sell(buyer, 500);
    const poller = await Poller.open(mother.token);
    await poller.send(upTo(10).map((number) => `42${number}${JSON.stringify(['register', mother.user_id, { after: 0 }])}`).join('\x1e'));
    let most = 0;
    for (let seen = false; !seen; ) {
      const { status, body } = await poller.poll();
      assert.equal(status, 200, body);
      most = Math.max(most, body.split('\x1e').length);
      seen = body.includes('"seq":500,');
      await sleep(5);
    }
    assert.ok(most <= 16 && most > 4, `${most} packets`);
  });

  test('a poll that is asked again, because its answer was lost on its way, is answered with the same', async () => {
    const { mother, buyer } = await family();
    await sell(buyer, 40);
    const poller = await Poller.open(mother.token);
    await poller.send(`42${JSON.stringify(['register', mother.user_id, { after: 0 }])}`);
    const heard = [];
    for (let turn = 0; !heard.includes(40); turn += 1) {
      const ask = async () => (await fetch(`${poller.at}&t=${turn}`)).text();
      const lost = await ask();
      assert.equal(await ask(), lost);
      heard.push(...[...lost.matchAll(/"seq":(\d+)/g)].map(([, seq]) => Number(seq)));
      await sleep(5);
    }
    assert.deepEqual(heard, upTo(40));
  });

  test('a token in the wrong place is told so, and one that is no string is refused', async (t) => {
    const { mother } = await family();
    const { token } = mother;
    for (const [options, told] of [
      [{ auth: token }, /^misplaced_token: .*auth: \{token\}/],
      [{ query: { token } }, /^misplaced_token: .*address/],
      [{ extraHeaders: { authorization: `Bearer ${token}` } }, /^misplaced_token: .*auth: \{token\}/],
      [{ auth: { token: 42 } }, /^invalid_token: .*string/],
      [{ auth: { token: { token } } }, /^invalid_token: .*string/],
    ]) {
      for (const transports of [['polling'], ['websocket']]) {
        const socket = client(t, { ...options, transports, reconnection: false });
        const [error] = await next(socket, 'connect_error');
        assert.match(error.message, told);
      }
    }
  });

  test('more messages than may wait end the socket with words, and no other', async (t) => {
    const { mother, buyer } = await family();
    const [loud, quiet] = [await connected(t, { transports: ['websocket'] }), await connected(t, { auth: { token: mother.token } })];
    const events = collect(quiet);
    await ask(quiet, 'register', mother.user_id);
    const gone = next(loud, 'disconnect');
    // The first answers are errors, too; the words for the end are the last.
    const errors = collect(loud, 'error');
    for (let sent = 0; sent < 20_000; sent += 1) loud.emit('register', mother.user_id);
    assert.equal((await gone)[0], 'io server disconnect');
    assert.equal(errors.at(-1).code, 'too_many_messages');
    await buy(buyer, '2000.00');
    await until(() => events.length > 0, 'the neighbour lives');
  });
});

// After the others, which keep the machine busy: a short token has to outlast the way in.
describe('tokens that expire', { concurrency: true, timeout: 120_000 }, () => {
  test('a stalled client is closed when its token expires', async () => {
    const { mother, buyer } = await family();
    const stalled = await Poller.open(await mint(mother, `${SHORT_S}s`));
    await stalled.send(`420${JSON.stringify(['register', mother.user_id])}`);
    await stalled.pollFor('430');
    await sell(buyer, 140);
    await sleep(1_000 * SHORT_S + ENDED_MS + SLACK_MS + 1_000);
    const answers = [await stalled.poll(), await stalled.poll()];
    assert.equal(answers.at(-1).status, 400, JSON.stringify(answers));
  });

  test('each stream ends with its own token, and the socket with the last of them', async (t) => {
    const [first, other] = [await family(), await family()];
    const [short, longer] = [await mint(first.mother, `${SHORT_S}s`), await mint(other.mother, `${2 * SHORT_S}s`)];
    const socket = await connected(t, { auth: { token: short }, reconnection: false });
    const events = collect(socket);
    const errors = collect(socket, 'error');
    await ask(socket, 'register', first.mother.user_id);
    assert.equal((await ask(socket, 'register', other.mother.user_id, { token: longer })).ok, true);
    await until(() => errors.length > 0, 'the first stream ends', 1_000 * SHORT_S + ENDED_MS + SLACK_MS);
    assert.deepEqual([errors[0].code, errors[0].user_id], ['unauthorized', first.mother.user_id]);
    for (const { buyer } of [first, other]) await buy(buyer, '2000.00');
    await until(() => events.length > 0, 'the other goes on');
    await sleep(100);
    assert.deepEqual(events.map(({ user_id }) => user_id), [other.mother.user_id]);
    const [reason] = await next(socket, 'disconnect', 2_000 * SHORT_S + ENDED_MS + SLACK_MS);
    assert.equal(reason, 'io server disconnect');
  });

  test("an owner's watch ends with the token that opened it", async (t) => {
    const { mother, buyer } = await family();
    const owner = await banyan('token', '--admin', '--ttl', `${SHORT_S}s`);
    const socket = await connected(t, { auth: { token: owner } });
    const seen = collect(socket, 'purchase');
    assert.deepEqual(await ask(socket, 'watch'), { ok: true });
    assert.equal((await ask(socket, 'register', mother.user_id, { token: mother.token })).ok, true);
    const [error] = await next(socket, 'error', 1_000 * SHORT_S + ENDED_MS + SLACK_MS);
    assert.deepEqual([error.code, error.user_id], ['unauthorized', undefined]);
    const own = next(socket, 'new_earning');
    const { purchase_id } = await buy(buyer, '2000.00');
    await own;
    await sleep(100);
    assert.equal(seen.find((row) => row.purchase_id === purchase_id), undefined);
  });
});
