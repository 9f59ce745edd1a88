// Every road by which a secret comes in, while everything is logged: none is in the log.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { io } from 'socket.io-client';

const { BANYAN_URL: url, BANYAN_KEY: key, BANYAN_ADMIN_TOKEN: admin, BANYAN_LOG_FILE: file } = process.env;
const secrets = new Set([key, admin, ...process.env.BANYAN_SECRETS.split(' ')]);
const password = 'marked-password-of-a-member';
secrets.add(password);

async function ask(method, path, { bearer, body, headers } = {}) {
  const answer = await fetch(url + path, {
    method,
    headers: {
      ...(bearer && { authorization: `Bearer ${bearer}` }),
      ...(body && { 'content-type': 'application/json' }),
      ...headers,
    },
    body: body && JSON.stringify(body),
  });
  return { status: answer.status, headers: answer.headers, body: await answer.json().catch(() => ({})) };
}

/** A socket that sends its token in this way, until it has been answered. */
async function visit(transport, user, { auth, query, extraHeaders, token }) {
  const socket = io(url, { transports: [transport], auth, query, extraHeaders, forceNew: true, reconnection: false });
  await new Promise((done) => socket.once('connect', done).once('connect_error', done));
  if (socket.connected) await socket.timeout(5000).emitWithAck('register', user, { token }).catch(() => {});
  if (socket.connected) await socket.timeout(5000).emitWithAck('watch').catch(() => {});
  socket.disconnect();
}

test('a secret is in no line of the log, whatever is logged and however it came', async () => {
  const email = 'marked@secret.example';
  const member = { name: 'Asha Rao', email, password };
  const registered = await ask('POST', '/api/users/register', { bearer: key, body: member });
  assert.equal(registered.status, 201);
  const user = registered.body.user_id;
  const signedIn = await ask('POST', '/api/sessions', { body: { email, password } });
  assert.equal(signedIn.status, 201);
  const minted = await ask('POST', `/api/users/${user}/tokens`, { bearer: key, body: { ttl: '5m' } });
  const tokens = [registered, signedIn, minted].map((answer) => answer.body.token);
  for (const token of tokens) secrets.add(token);

  const browser = await ask('POST', '/api/sessions/browser', { bearer: signedIn.body.token });
  const cookie = browser.headers.getSetCookie()[0].split(';')[0];
  secrets.add(cookie.slice(cookie.indexOf('=') + 1));
  assert.equal((await ask('GET', '/api/me', { headers: { cookie } })).status, 200);

  for (const token of [...tokens, key, admin, `${tokens[0]}x`]) {
    await ask('GET', '/api/me', { bearer: token });
    await ask('GET', '/api/me', { headers: { authorization: `Basic ${token}` } });
    await ask('GET', `/api/users?token=${token}`, { bearer: token });
    await ask('GET', `/${token}`);
    await ask('POST', '/api/sessions', { body: { email, password: token } });
    for (const transport of ['polling', 'websocket']) {
      await visit(transport, user, { auth: { token } });
      await visit(transport, user, { token });
      await visit(transport, user, { auth: token });
      await visit(transport, user, { query: { token } });
      await visit(transport, user, { extraHeaders: { authorization: `Bearer ${token}`, cookie } });
    }
  }
  const sale = { user_id: user, amount: '2000' };
  assert.equal((await ask('POST', '/api/purchases', { bearer: key, body: sale })).status, 201);

  const log = await readFile(file, 'utf8');
  assert.ok(log.includes('/api/purchases') && log.includes('/api/sessions'), 'the log was heard');
  for (const secret of secrets) {
    const line = log.split('\n').find((line) => line.includes(secret));
    assert.equal(line, undefined, `${secret} was logged`);
  }
});
