// Through the proxy of deploy/three-nodes, by the official client: sessions by
// polling stay on their node, members on all nodes hear of every purchase, and a
// node that dies takes nothing with it. Each client has an address of its own,
// as it would have outside: 127.0.0.0/8 is all this machine.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import http from 'node:http';
import { test } from 'node:test';
import { api, ask, buy, collect, connected, family, numbers, sleep, until, upTo, url } from './support.mjs';

const CLIENTS = 12;

/** Requests from this address, each over a connection of its own. */
const from = (last) => new http.Agent({ localAddress: `127.0.0.${last}`, keepAlive: false });

/** The status, headers and body of a request that carries no credential. */
const knock = (last, method, path, body) =>
  new Promise((done, fail) => {
    const headers = { 'content-type': 'application/json' };
    const request = http.request(url + path, { method, headers, agent: from(last) }, (response) => {
      let text = '';
      response.on('data', (chunk) => (text += chunk));
      response.on('end', () => done({ status: response.statusCode, headers: response.headers, text }));
    });
    request.on('error', fail).end(body && JSON.stringify(body));
  });

/** Members' sockets from as many addresses, and what each has heard. */
async function watchers(t, member, options) {
  return Promise.all(
    upTo(CLIENTS).map(async (number) => {
      const agent = from(100 + number);
      const socket = await connected(t, { ...options, agent, auth: { token: member.token } });
      const heard = collect(socket);
      assert.equal((await ask(socket, 'register', member.user_id, { after: 0 })).ok, true);
      const again = () => socket.emit('register', member.user_id, { after: heard.at(-1)?.seq ?? 0 });
      socket.on('connect', again);
      return { socket, heard };
    }),
  );
}

/** Buys as a shop does: whatever is not answered is sent again. */
async function buySurely(buyer, reference) {
  for (;;) {
    try {
      return await api('POST', '/api/purchases', { user_id: buyer.user_id, amount: '2000.00', reference });
    } catch (error) {
      assert.match(error.message, /503 .*"code":"outcome_unknown"/);
    }
  }
}

for (const transport of ['polling', 'websocket']) {
  test(`${transport}: clients at many addresses keep their sessions and hear of every purchase`, async (t) => {
    const { mother, buyer } = await family();
    const all = await watchers(t, mother, { transports: [transport] });
    const ids = all.map(({ socket }) => socket.id);
    for (let number = 0; number < 9; number += 1) await buy(buyer, '2000.00');
    await until(() => all.every(({ heard }) => heard.length >= 9), 'nine events each');
    for (const { heard } of all) assert.deepEqual(numbers(heard), upTo(9));
    assert.deepEqual(all.map(({ socket }) => socket.id), ids, 'nobody had to connect again');
  });
}

test('a stranger who knocks too often is told when to come back, and others are let in', async () => {
  const path = '/api/users/register';
  const someone = () => ({ name: 'Asha Rao', email: `${Math.random()}@example.com` });
  const answers = [];
  for (let number = 0; number < 40; number += 1) answers.push(await knock(20, 'POST', path, someone()));
  const refused = answers.filter(({ status }) => status === 429);
  assert.ok(refused.length >= 5 && refused.length <= 10, `${refused.length} of 40 refused`);
  assert.equal(refused[0].headers['retry-after'], '6');
  const problem = JSON.parse(refused[0].text);
  assert.equal(problem.code, 'rate_limited');
  assert.equal(problem.instance, path);
  assert.equal(problem.request_id, refused[0].headers['x-request-id']);
  assert.equal((await knock(21, 'POST', path, someone())).status, 201);
});

test('the figures of a node are not shown', async () => {
  assert.equal((await knock(22, 'GET', '/metrics')).status, 404);
  assert.equal((await knock(22, 'GET', '/readyz')).status, 200);
});

test('a node that dies takes nothing with it', async (t) => {
  const { mother, buyer } = await family();
  const all = await watchers(t, mother, {});
  for (let number = 0; number < 3; number += 1) await buy(buyer, '2000.00');
  process.kill(Number(process.env.BANYAN_PROCESS), 'SIGKILL');
  let reconnected = 0;
  for (const { socket } of all) socket.on('connect', () => (reconnected += 1));
  for (let number = 0; number < 6; number += 1) {
    await buySurely(buyer, randomUUID());
    await sleep(100);
  }
  await until(() => all.every(({ heard }) => heard.length >= 9), () => `${all.map(({ heard }) => heard.length)}`);
  for (const { heard } of all) assert.deepEqual(numbers(heard), upTo(9));
  assert.ok(reconnected > 0 && reconnected < 2 * CLIENTS, `${reconnected} connected again`);
});
