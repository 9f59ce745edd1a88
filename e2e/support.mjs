// What the tests share: an HTTP client, members, and sockets that close themselves.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { connect, createServer } from 'node:net';
import { io } from 'socket.io-client';

const need = (name) =>
  process.env[name] ?? assert.fail(`${name} is not set; run these tests by \`cargo test -p banyan\``);

export const url = need('BANYAN_URL');
const key = process.env.BANYAN_KEY;

/** What a process of the server needs in its environment to find the data of the tests. */
export const home = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => /^(PATH|BANYAN_(DATA_DIR|DATABASE_URL|TOKEN_KEY))$/.test(name)),
);

/** How long something that must happen may take. */
const PATIENCE_MS = 15_000;

/** The JSON that a request is answered with; any status but 2xx is a failure. */
export async function api(method, path, body, { token = key, at = url } = {}) {
  const response = await fetch(at + path, {
    method,
    headers: { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) },
    body: body && JSON.stringify(body),
  });
  const text = await response.text();
  assert.ok(response.ok, `${method} ${path}: ${response.status} ${text}`);
  return JSON.parse(text);
}

export const register = (name, referrer) =>
  api('POST', '/api/users/register', {
    name,
    email: `${randomUUID()}@example.com`,
    referral_code: referrer?.referral_code,
  });

export const buy = (buyer, amount, options) =>
  api('POST', '/api/purchases', { user_id: buyer.user_id, amount, reference: randomUUID() }, options);

/** A buyer with two members above her. */
export async function family() {
  const grandmother = await register('Asha Rao');
  const mother = await register('Bela Das', grandmother);
  const buyer = await register('Chetan Gupta', mother);
  return { grandmother, mother, buyer };
}

export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/** What the promise brings, or a failure that says what was awaited. */
export function within(promise, what, patience = PATIENCE_MS) {
  let timer;
  const late = new Promise((_, fail) => {
    timer = setTimeout(() => fail(new Error(`${what}: nothing after ${patience} ms`)), patience);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Waits until the condition holds. */
export async function until(condition, what, patience = PATIENCE_MS) {
  for (const end = Date.now() + patience; !(await condition()); ) {
    if (Date.now() > end) assert.fail(typeof what === 'function' ? what() : what);
    await sleep(5);
  }
}

/** The arguments of the next event of this name. */
export const next = (emitter, event, patience) =>
  within(new Promise((done) => emitter.once(event, (...data) => done(data))), event, patience);

/** A new client that is not shared with other tests and closes with this one. */
export function client(t, options = {}, at = url) {
  const socket = io(at, { forceNew: true, reconnectionDelay: 20, reconnectionDelayMax: 100, ...options });
  t.after(() => socket.close());
  return socket;
}

export async function connected(t, options, at) {
  const socket = client(t, options, at);
  await next(socket, 'connect');
  return socket;
}

/** A proxy to whichever server is named for each connection; all of them can be cut at once. */
export async function cuttable(t, target) {
  const open = new Set();
  const server = createServer((from) => {
    const { hostname, port } = new URL(target());
    const to = connect(Number(port), hostname);
    for (const [socket, other] of [[from, to], [to, from]]) {
      open.add(socket);
      socket.setNoDelay(true);
      socket.pipe(other);
      socket.on('error', () => other.destroy());
      socket.on('close', () => (open.delete(socket), other.destroy()));
    }
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  t.after(() => server.close());
  const cut = () => {
    for (const socket of open) socket.resetAndDestroy();
  };
  return { at: `http://127.0.0.1:${server.address().port}`, cut };
}

/** What the server acknowledges the event with. */
export const ask = (socket, ...event) =>
  within(new Promise((done) => socket.emit(...event, done)), `ack of ${event[0]}`);

/** The list into which every event of this name goes. */
export function collect(socket, event = 'new_earning') {
  const list = [];
  socket.on(event, (data) => list.push(data));
  return list;
}

export const numbers = (events) => events.map((event) => event.seq);
export const upTo = (last, first = 1) => Array.from({ length: last - first + 1 }, (_, index) => first + index);
