// One session for each browser, in a real one: every tab has it, no script reads
// it, and it ends everywhere at once.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { accessible, isLive, launch, open, region, untroubled } from './browser.mjs';
import { api, ask as send, client, next, until, url } from './support.mjs';

const owner = process.env.BANYAN_OWNER_TOKEN;
const member = process.env.BANYAN_MEMBER_TOKEN;
const ask = (method, path, body) => api(method, path, body, { token: owner });
const PASSWORD = 'correct horse battery';

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

/** Somebody with a password, and with something to see. */
async function join(name) {
  const email = `${randomUUID()}@example.com`;
  const joined = await api('POST', '/api/users/register', { name, email, password: PASSWORD }, { token: owner });
  await ask('POST', `/api/users/${joined.user_id}/adjustments`, { direction: 'credit', amount: '5.00', reason: 'Hello' });
  return { ...joined, email };
}

async function signIn(scope, { email }) {
  await scope.getByLabel('E-mail').fill(email);
  await scope.getByLabel('Password').fill(PASSWORD);
  await scope.getByRole('button', { name: 'Sign in' }).click();
}

test('every tab is signed in, and no script can read by what', async (t) => {
  // A sign-in of its own: it is ended here.
  const { user_id: star } = await api('GET', '/api/me', undefined, { token: member });
  const { token } = await ask('POST', `/api/users/${star}/tokens`, {});
  const page = await open(t, browser, '/', { token });
  await isLive(page);
  const kept = await page.evaluate(() => JSON.stringify([document.cookie, { ...localStorage }, { ...sessionStorage }]));
  assert.ok(!kept.includes(token.slice(0, 30)) && !kept.includes('eyJ'), kept);
  const cookies = await page.context().cookies();
  assert.deepEqual(cookies.map(({ httpOnly, sameSite }) => [httpOnly, sameSite]), [[true, 'Strict']]);
  const other = await page.context().newPage();
  await other.goto(`${url}/`);
  await region(other, 'Totals').waitFor();

  await other.getByRole('button', { name: 'Sign out' }).click();
  await other.getByRole('heading', { name: 'Sign in' }).waitFor();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  assert.equal((await page.context().cookies()).length, 0);
  untroubled(page);
});

test('a socket by the cookie is for our own pages alone', async (t) => {
  const page = await open(t, browser, '/', { token: member });
  await isLive(page);
  const [{ name, value }] = await page.context().cookies();
  const { user_id: star } = await api('GET', '/api/me', undefined, { token: member });
  for (const [origin, lets] of [[{ origin: url }, true], [{ origin: 'http://elsewhere.example' }, false], [{}, false]]) {
    const extraHeaders = { cookie: `${name}=${value}`, ...origin };
    const socket = client(t, { transports: ['websocket'], extraHeaders });
    const connected = await Promise.race([next(socket, 'connect').then(() => true), next(socket, 'connect_error').then(() => false)]);
    const ok = connected && (await send(socket, 'register', star)).ok;
    assert.equal(ok, lets, JSON.stringify(origin));
    socket.close();
  }
});

test('a session that is ended elsewhere asks for the password over the page, which stays as it was', async (t) => {
  const meera = await join('Meera Iyer');
  const page = await open(t, browser, '/');
  await signIn(page, meera);
  await page.getByRole('link', { name: 'Statement', exact: true }).click();
  await page.getByLabel('Lines').selectOption('By day');
  await page.getByRole('table', { name: /^Days of / }).waitFor();
  await page.evaluate(() => (globalThis.sameDocument = true));
  await ask('POST', `/api/users/${meera.user_id}/sessions/end`, {});
  await until(async () => {
    await page.getByRole('button', { name: 'CSV' }).click({ timeout: 2_000 }).catch(() => undefined);
    return (await page.getByRole('dialog').count()) > 0;
  }, 'the password is asked for');
  const dialog = page.getByRole('dialog', { name: 'Your session has ended' });
  await accessible(page, 'with an ended session');
  await signIn(dialog, meera);
  await dialog.waitFor({ state: 'detached' });
  assert.equal(await page.getByLabel('Lines').inputValue(), 'day', 'what was chosen is still chosen');
  assert.equal(await page.evaluate(() => globalThis.sameDocument), true);
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'CSV' }).click();
  await download;
});

test('the owner adds members in place and stays the owner', async (t) => {
  const page = await open(t, browser, '/', { token: owner });
  const members = region(page, 'Members');
  await members.getByRole('button', { name: 'Add a member' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill('Divya Menon');
  await dialog.getByLabel('E-mail').fill(`${randomUUID()}@example.com`);
  await accessible(page, 'with a member to be added');
  await dialog.getByRole('button', { name: 'Add the member' }).click();
  await page.getByRole('dialog', { name: 'Divya Menon is registered' }).getByText('This is the link').waitFor();
  await page.getByRole('button', { name: 'Done' }).click();
  await members.getByRole('link', { name: 'Divya Menon' }).first().waitFor();

  await page.goto(`${url}/register`);
  await page.getByLabel('Name').fill('Esha Nair');
  await page.getByLabel('E-mail').fill(`${randomUUID()}@example.com`);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Register' }).click();
  await page.getByText('Esha Nair is registered.').waitFor();
  await region(page, 'Programme totals').waitFor();
  untroubled(page);
});

test('what was said to one person is not said to the next', async (t) => {
  const page = await open(t, browser, '/register');
  await page.getByLabel('Name').fill('Farah Khan');
  await page.getByLabel('E-mail').fill(`${randomUUID()}@example.com`);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Register' }).click();
  await page.getByText('Welcome, Farah Khan.').waitFor();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await signIn(page, await join('Gauri Singh'));
  await page.getByRole('heading', { name: 'Gauri Singh' }).waitFor();
  assert.equal(await page.getByText('Farah').count(), 0);
  untroubled(page);
});
