// Pages of other sites in a real browser: one whose origin is named in `cors_origins`,
// and one whose is not.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { after, test } from 'node:test';
import { launch } from './browser.mjs';
import { buy, family, home, until } from './support.mjs';

/** A site with an empty page; answers its origin. */
async function site() {
  const server = createServer((_, response) => response.setHeader('content-type', 'text/html').end('<title>Shop</title>'));
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  after(() => server.close());
  return `http://127.0.0.1:${server.address().port}`;
}

const [friend, stranger] = [await site(), await site()];

const child = spawn(process.env.BANYAN_PROGRAM, ['serve', '--listen', '127.0.0.1:0'], {
  env: { ...home, BANYAN_LOG: 'error', BANYAN_CORS_ORIGINS: friend },
  stdio: ['ignore', 'pipe', 'inherit'],
});
after(() => child.kill());
let greeting = '';
child.stdout.on('data', (bytes) => (greeting += bytes));
await until(() => greeting.includes('API docs'), 'the server answers');
const [, at] = /dashboard {2}(\S+)\//.exec(greeting);
const browser = await launch();
after(() => browser.close());

/** What a page of this origin comes to, by REST and by every transport. */
async function visit(origin, { token, user_id }) {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(origin);
  await page.addScriptTag({ url: `${at}/socket.io/socket.io.js` });
  return page.evaluate(async ([server, token, user]) => {
    const headers = { authorization: `Bearer ${token}` };
    const attempt = (promise) => promise.then(async (answer) => [answer.status, answer.headers.get('x-request-id') !== null], () => 'refused');
    const told = {
      read: await attempt(fetch(`${server}/api/me`, { headers })),
      written: await attempt(fetch(`${server}/api/users/${user}/sessions/end`, { method: 'POST', headers: { ...headers, authorization: 'Bearer x' } })),
      withCookies: await attempt(fetch(`${server}/api/me`, { headers, credentials: 'include' })),
    };
    window.events = {};
    for (const [name, options] of Object.entries({ polling: { transports: ['polling'] }, unchanged: {} })) {
      const socket = io(server, { ...options, auth: { token }, reconnection: false });
      window.events[name] = [];
      socket.on('new_earning', ({ seq }) => window.events[name].push(seq));
      told[name] = await new Promise((done) => {
        socket.on('connect', () => socket.emit('register', user, ({ ok }) => done(ok)));
        socket.on('connect_error', () => done('refused'));
      });
    }
    return told;
  }, [at, token, user_id]).then((told) => ({ told, page }));
}

test('a page of a site that is named calls the API and hears sales, without cookies', async () => {
  const { mother, buyer } = await family();
  const { told, page } = await visit(friend, mother);
  assert.deepEqual(told, { read: [200, true], written: [401, true], withCookies: 'refused', polling: true, unchanged: true });
  await buy(buyer, '2000.00');
  await until(() => page.evaluate(() => window.events.polling.length === 1 && window.events.unchanged.length === 1), 'both hear it');
});

test('a page of any other site does neither', async () => {
  const { mother } = await family();
  const { told } = await visit(stranger, mother);
  assert.deepEqual(told, { read: 'refused', written: 'refused', withCookies: 'refused', polling: 'refused', unchanged: 'refused' });
});
