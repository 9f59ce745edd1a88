// The official Socket.IO client against the running server, by polling, by
// WebSocket, and by polling that is upgraded, as clients do unless told otherwise.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import {
  api, ask, buy, client, collect, connected, family, next, numbers, register, sleep, until, upTo, url,
} from './support.mjs';

const MODES = {
  polling: { transports: ['polling'] },
  websocket: { transports: ['websocket'] },
  upgrade: {},
};

const admin = process.env.BANYAN_ADMIN_TOKEN;
const auth = ({ token }) => ({ auth: { token } });

for (const [mode, transport] of Object.entries(MODES)) {
  const inMode = (name, run) => test(`${mode}: ${name}`, run);

  inMode('a member registers by a number or a numeric string, with and without an ack', async (t) => {
    const { mother, buyer } = await family();
    await buy(buyer, '2000.00');
    const socket = await connected(t, { ...transport, ...auth(mother) });
    const joined = { ok: true, user_id: mother.user_id, seq: 1 };
    assert.deepEqual(await ask(socket, 'register', mother.user_id), joined);
    assert.deepEqual(await ask(socket, 'register', String(mother.user_id)), joined);

    const silent = await connected(t, { ...transport, ...auth(mother) });
    const events = collect(silent);
    silent.emit('register', mother.user_id, { after: 0 });
    await until(() => events.length === 1, 'without an ack there are events all the same');
    await buy(buyer, '2000.00');
    await until(() => events.length === 2, 'live events');
    assert.deepEqual(numbers(events), [1, 2]);
  });

  inMode('every earner is told exactly what she earned, with as much of the name as she may see', async (t) => {
    const { grandmother, mother, buyer } = await family();
    const sockets = [];
    for (const member of [mother, grandmother]) {
      const socket = await connected(t, { ...transport, ...auth(member) });
      await ask(socket, 'register', member.user_id);
      sockets.push(collect(socket));
    }
    const purchases = [await buy(buyer, '1001.30'), await buy(buyer, 1000), await buy(buyer, '2500.5')];
    const [toMother, toGrandmother] = sockets;
    await until(() => toMother.length >= 2 && toGrandmother.length >= 2, 'two events each');
    const frame = (purchase, earner, [seq, amount, total]) => ({
      from_user: earner === mother ? 'Chetan Gupta' : 'C•••',
      from_user_id: buyer.user_id,
      user_id: earner.user_id,
      level: earner === mother ? 1 : 2,
      purchase_id: purchase.purchase_id,
      created_at: purchase.created_at,
      booked_at: purchase.created_at,
      seq,
      amount,
      total_earnings: total,
      balance: total,
    });
    const [first, , third] = purchases;
    assert.deepEqual(toMother, [
      frame(first, mother, [1, '50.07', '50.07']),
      frame(third, mother, [2, '125.03', '175.10']),
    ]);
    assert.deepEqual(toGrandmother, [
      frame(first, grandmother, [1, '10.01', '10.01']),
      frame(third, grandmother, [2, '25.01', '35.02']),
    ]);
  });

  inMode('all sockets of one member get every event', async (t) => {
    const { mother, buyer } = await family();
    const lists = [];
    for (let number = 0; number < 3; number += 1) {
      const socket = await connected(t, { ...transport, ...auth(mother) });
      await ask(socket, 'register', mother.user_id);
      lists.push(collect(socket));
    }
    await Promise.all(upTo(20).map(() => buy(buyer, '2000.00')));
    await until(() => lists.every((list) => list.length >= 20), 'twenty events on each socket');
    for (const list of lists) assert.deepEqual(numbers(list), upTo(20));
    assert.deepEqual(lists[1], lists[0]);
  });

  inMode('whoever may not look is told so twice and hears nothing', async (t) => {
    const { mother, buyer } = await family();
    for (const token of [undefined, buyer.token]) {
      const socket = await connected(t, { ...transport, auth: token && { token } });
      const events = collect(socket);
      const error = next(socket, 'error');
      const answer = await ask(socket, 'register', mother.user_id);
      assert.deepEqual([answer.ok, answer.error.code], [false, 'forbidden']);
      assert.deepEqual(await error, [answer.error]);

      const silent = next(socket, 'error');
      socket.emit('register', mother.user_id);
      assert.equal((await silent)[0].code, 'forbidden', 'without an ack the event remains');

      await buy(buyer, '2000.00');
      await sleep(50);
      assert.deepEqual(events, []);
    }
  });

  inMode('a bad token does not connect', async (t) => {
    for (const token of ['nonsense', 'bnk_nonsense', forged(admin)]) {
      const socket = client(t, { ...transport, auth: { token }, reconnection: false });
      const [error] = await next(socket, 'connect_error');
      assert.equal(error.message, 'unauthorized');
      assert.equal(socket.connected, false);
    }
  });

  inMode('a token may come with register', async (t) => {
    const { mother, buyer } = await family();
    const socket = await connected(t, transport);
    const events = collect(socket);
    const bad = await ask(socket, 'register', mother.user_id, { token: 'nonsense' });
    assert.deepEqual([bad.ok, bad.error.code], [false, 'unauthorized']);
    const good = await ask(socket, 'register', mother.user_id, { token: mother.token });
    assert.deepEqual(good, { ok: true, user_id: mother.user_id, seq: 0 });
    await buy(buyer, '2000.00');
    await until(() => events.length > 0, 'an event');
    assert.deepEqual(numbers(events), [1]);
  });

  inMode('registering again replaces the stream, it does not double it', async (t) => {
    const { mother, buyer } = await family();
    const socket = await connected(t, { ...transport, ...auth(mother) });
    const events = collect(socket);
    for (let times = 0; times < 5; times += 1) await ask(socket, 'register', mother.user_id);
    for (let times = 0; times < 3; times += 1) await buy(buyer, '2000.00');
    await until(() => events.length >= 3, 'three events');
    await sleep(50);
    assert.deepEqual(numbers(events), [1, 2, 3]);

    await ask(socket, 'register', mother.user_id, { after: 1 });
    await buy(buyer, '2000.00');
    await until(() => events.length >= 6, 'two again and one new');
    await sleep(50);
    assert.deepEqual(numbers(events), [1, 2, 3, 2, 3, 4]);
  });

  inMode('whoever says where she left off gets what she missed, once and in order', async (t) => {
    const { mother, buyer } = await family();
    await Promise.all(upTo(230).map(() => buy(buyer, '2000.00')));
    const all = upTo(230);
    const table = [[0, all], [57, upTo(230, 58)], [229, [230]], [230, []], [9999, []], [-1, all]];
    for (const [after, expected] of table) {
      const socket = await connected(t, { ...transport, ...auth(mother) });
      const events = collect(socket);
      const joined = await ask(socket, 'register', mother.user_id, { after });
      assert.deepEqual(joined, { ok: true, user_id: mother.user_id, seq: 230 });
      await until(() => events.length >= expected.length, () => `after ${after}: ${numbers(events)}`);
      await sleep(20);
      assert.deepEqual(numbers(events), expected, `after ${after}`);
      socket.close();
    }
  });

  inMode('the owner may watch anybody, and is told when there is nobody', async (t) => {
    const { grandmother, buyer } = await family();
    const socket = await connected(t, { ...transport, auth: { token: admin } });
    const error = next(socket, 'error');
    const nobody = await ask(socket, 'register', 999_999_999);
    assert.deepEqual([nobody.ok, nobody.error.code], [false, 'user_not_found']);
    assert.equal((await error)[0].code, 'user_not_found');

    const events = collect(socket);
    assert.equal((await ask(socket, 'register', grandmother.user_id)).ok, true);
    await buy(buyer, '2000.00');
    await until(() => events.length > 0, 'an event');
    assert.equal(events[0].from_user, 'Chetan Gupta', 'with the full name');
  });

  inMode('who may read everything can watch purchases as they are recorded', async (t) => {
    const { mother, buyer } = await family();
    const member = await connected(t, { ...transport, ...auth(mother) });
    const refused = await ask(member, 'watch');
    assert.deepEqual([refused.ok, refused.error.code], [false, 'forbidden']);

    const owner = await connected(t, { ...transport, auth: { token: admin } });
    const seen = collect(owner, 'purchase');
    assert.deepEqual(await ask(owner, 'watch'), { ok: true });
    const purchase = await buy(buyer, '2000.00');
    const mine = () => seen.find((row) => row.purchase_id === purchase.purchase_id);
    await until(mine, 'the purchase');
    const { data } = await api('GET', '/api/purchases?limit=1', undefined, { token: admin });
    assert.deepEqual(mine(), data[0]);
  });

  inMode('nonsense is answered and harms nobody', async (t) => {
    const { mother, buyer } = await family();
    const socket = await connected(t, { ...transport, ...auth(mother) });
    const id = mother.user_id;
    const nonsense = [
      [], [null], [undefined], [true], [''], ['x'], [7.5], [-7], [1e300], [[id]], [{ id }], ['9'.repeat(40)],
      [id, 'after'], [id, 7], [id, []], [id, { after: '1' }], [id, { after: 1.5 }], [id, { token: 7 }],
      [new Uint8Array([1, 2, 3])], [{ deep: { deeper: [{}, [[[]]]] } }, { after: 0 }], ['\u0000'],
    ];
    for (const args of nonsense) {
      const answer = await ask(socket, 'register', ...args);
      assert.equal(answer.ok, false, JSON.stringify(args));
      assert.match(answer.error.code, /^[a-z_]+$/, JSON.stringify(args));
    }
    socket.emit('unheard_of', 1, 2, 3);
    assert.equal((await ask(socket, 'register', id, { after: 0, colour: 'green' }, 'more')).ok, true);
    const event = next(socket, 'new_earning');
    await buy(buyer, '2000.00');
    assert.equal((await event)[0].seq, 1);
  });

  inMode('a message above 16 KiB closes the socket that sent it and no other', async (t) => {
    const { mother, buyer } = await family();
    const options = { ...transport, ...auth(mother), reconnection: false };
    const [loud, quiet] = [await connected(t, options), await connected(t, options)];
    const events = collect(quiet);
    await ask(quiet, 'register', mother.user_id);
    assert.equal((await ask(loud, 'register', 'x'.repeat(15_000))).ok, false, 'below the limit it is read');
    const closed = next(loud, 'disconnect');
    loud.emit('register', 'x'.repeat(20_000));
    await closed;
    await buy(buyer, '2000.00');
    await until(() => events.length > 0, 'the other socket lives');
    assert.equal(quiet.connected, true);
  });

  inMode('a socket closes when its token expires, unless a later one came', async (t) => {
    const { mother, buyer } = await family();
    const mint = (ttl) => api('POST', `/api/users/${mother.user_id}/tokens`, { ttl });
    const options = { ...transport, ...auth(await mint('2s')), reconnection: false };
    const [short, renewed] = [await connected(t, options), await connected(t, options)];
    const events = collect(short);
    await ask(short, 'register', mother.user_id);
    assert.equal((await ask(renewed, 'register', mother.user_id, { token: mother.token })).ok, true);
    await buy(buyer, '2000.00');
    await until(() => events.length > 0, 'it is open until then');
    const [reason] = await next(short, 'disconnect');
    assert.equal(reason, 'io server disconnect');
    const live = next(renewed, 'new_earning');
    await buy(buyer, '2000.00');
    assert.equal((await live)[0].seq, 2);
  });

  inMode('what a client sends in the moment it is connected is never lost', async (t) => {
    const mother = await register('Asha Rao');
    const joined = upTo(200).map(async () => {
      const socket = client(t, { ...transport, ...auth(mother) });
      const answered = ask(socket, 'register', mother.user_id);
      await next(socket, 'connect');
      const again = ask(socket, 'register', mother.user_id);
      const answers = [(await answered).ok, (await again).ok];
      socket.close();
      return answers;
    });
    assert.deepEqual(await Promise.all(joined), Array(200).fill([true, true]));
  });
}

/** A token of the right form with a signature that is not ours. */
function forged(token) {
  const [header, payload, signature] = token.split('.');
  const other = signature.startsWith('A') ? 'B' : 'A';
  return [header, payload, other + signature.slice(1)].join('.');
}

test('the client is served under the names the Node server gives it', async () => {
  for (const name of ['socket.io.js', 'socket.io.min.js', 'socket.io.esm.min.js', 'socket.io.js.map']) {
    const response = await fetch(`${url}/socket.io/${name}`);
    assert.equal(response.status, 200, name);
    const type = name.endsWith('.map') ? /json/ : /javascript/;
    assert.match(response.headers.get('content-type'), type, name);
    const file = new URL(`node_modules/socket.io-client/dist/${name}`, import.meta.url);
    const published = await readFile(file, 'utf8');
    assert.equal(await response.text(), published, name);
  }
});
