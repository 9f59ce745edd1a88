// Pages that stay open while everything moves, in a real browser: nothing jumps
// under a pointer, charts move from where they are, and a page that was cut off
// comes back.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createServer, request } from 'node:http';
import { after, before, test } from 'node:test';
import { isLive, launch, open, region, untroubled } from './browser.mjs';
import { api, sleep, until, url } from './support.mjs';

const owner = process.env.BANYAN_OWNER_TOKEN;
const member = process.env.BANYAN_MEMBER_TOKEN;
const ask = (method, path, body) => api(method, path, body, { token: owner });

let browser;
let star;
before(async () => {
  browser = await launch();
  star = (await api('GET', '/api/me', undefined, { token: member })).user_id;
});
after(() => browser?.close());

/** A purchase that earns the star a commission of the first level. */
async function sale(amount) {
  const { level_1: direct } = await ask('GET', `/api/users/${star}/referrals`);
  return ask('POST', '/api/purchases', { user_id: direct[0].id, amount, reference: randomUUID() });
}

test('the doughnut never vanishes while lines come in', async (t) => {
  const page = await open(t, browser, '/', { token: member, reducedMotion: 'no-preference' });
  await isLive(page);
  await sleep(1_500);
  // In every frame: how much of the canvas is painted.
  await page.evaluate(() => {
    const canvas = document.querySelector('.doughnut canvas');
    globalThis.painted = [];
    const look = () => {
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      let count = 0;
      for (let at = 3; at < data.length; at += 40) if (data[at] > 0) count += 1;
      globalThis.painted.push(count);
      requestAnimationFrame(look);
    };
    look();
  });
  await sale('9000.00');
  await region(page, 'Happening now').getByText('₹450.00').first().waitFor();
  await sleep(1_000);
  const painted = await page.evaluate(() => globalThis.painted);
  const [least, most] = [Math.min(...painted), Math.max(...painted)];
  assert.ok(least > most * 0.9, `between ${least} and ${most} of the dots that were looked at are painted`);
});

test('no row moves under a pointer; what has come is counted and shown when it is asked for', async (t) => {
  const page = await open(t, browser, '/', { token: owner });
  const purchases = region(page, 'Newest purchases');
  await isLive(page);
  await purchases.getByRole('row').nth(20).waitFor();
  const place = () => region(page, 'Members').evaluate((card) => Math.round(card.getBoundingClientRect().top + scrollY));
  const [members, rows] = [await place(), await purchases.getByRole('row').count()];
  const third = purchases.getByRole('row').nth(3);
  await third.hover();
  const pointed = await third.getByRole('button').textContent();
  const { purchase_id: id } = await sale('4321.00');
  await purchases.getByRole('button', { name: / new$/ }).waitFor();
  await sleep(2_000);
  assert.equal(await third.getByRole('button').textContent(), pointed, 'the row is where it was');
  await purchases.getByRole('button', { name: / new$/ }).click();
  await purchases.getByRole('button', { name: `open purchase ${id}` }).waitFor();
  await page.mouse.move(1, 1);
  const newest = () => purchases.getByRole('row').nth(1).getByRole('button').textContent();
  const before = await newest();
  await until(async () => (await newest()) !== before, 'without a pointer the list goes on by itself');
  assert.equal(await purchases.getByRole('row').count(), rows, 'it is as long as it was');
  assert.ok(Math.abs((await place()) - members) < 60, 'and pushes nothing down');
  untroubled(page);
});

test('more rows than the first come on demand, and none twice', async (t) => {
  const page = await open(t, browser, '/', { token: owner });
  const purchases = region(page, 'Newest purchases');
  await isLive(page);
  await purchases.getByRole('button', { name: 'Pause' }).click();
  await purchases.getByRole('button', { name: 'Load more' }).click();
  await until(async () => (await purchases.getByRole('row').count()) === 41, 'twenty more');
  const names = await purchases.getByRole('row').getByRole('button').allTextContents();
  assert.equal(new Set(names).size, 40);
  untroubled(page);
});

test('a live page is still while nothing happens: no animation runs for ever', async (t) => {
  const page = await open(t, browser, '/', { token: member, reducedMotion: 'no-preference' });
  await isLive(page);
  const endless = await page.evaluate(() =>
    document.getAnimations().filter(({ effect }) => effect.getComputedTiming().iterations === Infinity).length);
  assert.equal(endless, 0);
});

test('what is live moves the page by less than a twentieth', async (t) => {
  const page = await open(t, browser, '/', { token: owner, reducedMotion: 'no-preference' });
  await isLive(page);
  await region(page, 'Members').getByRole('row').first().waitFor();
  await sleep(1_000);
  await page.evaluate(() => {
    globalThis.shifts = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) if (!entry.hadRecentInput) globalThis.shifts += entry.value;
    }).observe({ type: 'layout-shift' });
  });
  for (let count = 0; count < 12; count += 1) {
    await sale('2000.00');
    await sleep(500);
  }
  const shifts = await page.evaluate(() => globalThis.shifts);
  assert.ok(shifts < 0.05, `layout shift of ${shifts}`);
});

test('a page that was opened while offline comes to life by itself', async (t) => {
  const page = await open(t, browser, '/', { token: owner });
  await isLive(page);
  await page.context().setOffline(true);
  await page.getByRole('link', { name: 'Payouts' }).click();
  await page.getByText('could not be loaded').waitFor();
  await page.context().setOffline(false);
  await region(page, 'Due now').getByRole('table').waitFor();

  await page.context().setOffline(true);
  await page.getByRole('link', { name: 'Programme' }).click();
  await page.getByText('The server cannot be reached').first().waitFor();
  await page.context().setOffline(false);
  await region(page, 'Newest purchases').getByRole('table').waitFor();
  await until(async () => (await page.getByText('The server cannot be reached').count()) === 0, 'all of it');
  await isLive(page);
});

test('a member’s page that was opened while the server was away follows her lines when it is back', async (t) => {
  const page = await open(t, browser, '/register', {});
  const away = (route) => route.abort('connectionrefused');
  await page.route('**/api/earnings/**', away);
  await page.goto(`/#token=${member}`);
  await page.getByText('The server cannot be reached').first().waitFor();
  await page.unroute('**/api/earnings/**', away);
  await isLive(page);
  const { amount } = (await sale('6420.00')).decisions[0];
  await region(page, 'Happening now').getByText(`₹${amount}`).first().waitFor();
});

test('behind a proxy that swallows WebSockets the page is live by polling', async (t) => {
  const server = createServer((from, to) => {
    const { pathname, search } = new URL(from.url, url);
    const passed = request(url + pathname + search, { method: from.method, headers: from.headers }, (answer) => {
      to.writeHead(answer.statusCode, answer.headers);
      answer.pipe(to);
    });
    passed.on('error', () => to.destroy());
    from.pipe(passed);
  });
  const swallowed = [];
  server.on('upgrade', (_, socket) => swallowed.push(socket.on('error', () => undefined)));
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  t.after(() => {
    for (const socket of swallowed) socket.destroy();
    server.close();
    server.closeAllConnections();
  });
  const page = await open(t, browser, '/', { token: member, at: `http://127.0.0.1:${server.address().port}` });
  await isLive(page);
  assert.ok(swallowed.length > 0, 'a WebSocket was tried first');
  await sale('5310.00');
  await region(page, 'Happening now').getByText('₹265.50').first().waitFor();
});

const focused = (page) => page.evaluate(() => document.activeElement.textContent.trim());

test('a button that sends keeps the focus', async (t) => {
  const page = await open(t, browser, '/');
  await page.getByLabel('E-mail').fill('nobody@example.com');
  await page.getByLabel('Password').fill('wrong horse battery');
  await page.getByRole('button', { name: 'Sign in' }).focus();
  await page.keyboard.press('Enter');
  await page.getByText('Wrong credentials').waitFor();
  assert.equal(await focused(page), 'Sign in');
});

test('what loads more keeps the focus in the list, also when nothing is left', async (t) => {
  const page = await open(t, browser, '/audit', { token: owner });
  for (let count = 0; count < 60; count += 1) {
    await ask('POST', `/api/users/${star}/adjustments`, { direction: 'credit', amount: '1.00', reason: 'A trifle' });
  }
  await page.reload();
  const more = page.getByRole('button', { name: 'Load more' });
  await more.focus();
  await page.keyboard.press('Enter');
  await more.waitFor({ state: 'detached' });
  assert.equal(await page.evaluate(() => document.activeElement.className), 'load-more-place');
});

test('a dialog keeps what was typed, stands alone, and gives the focus back however it is closed', async (t) => {
  const page = await open(t, browser, `/members/${star}`, { token: owner });
  await isLive(page);
  const opener = page.getByRole('button', { name: 'Adjust balance' });
  const dialog = page.getByRole('dialog');
  await opener.click();
  await dialog.getByLabel('Amount in INR').fill('1250');
  const { x, y } = await dialog.getByLabel('Amount in INR').boundingBox();
  // A selection that is dragged out of the dialog.
  await page.mouse.move(x + 60, y + 10);
  await page.mouse.down();
  await page.mouse.move(10, 400, { steps: 4 });
  await page.mouse.up();
  assert.equal(await dialog.getByLabel('Amount in INR').inputValue(), '1250');

  const at = await page.evaluate(() => scrollY);
  await page.mouse.wheel(0, 600);
  await sleep(300);
  assert.equal(await page.evaluate(() => scrollY), at, 'the page behind it stays where it is');

  await page.keyboard.press('Escape');
  for (const close of [
    () => dialog.getByRole('button', { name: 'Close' }).click(),
    () => page.mouse.click(10, 400),
    () => page.keyboard.press('Escape'),
    () => dialog.getByRole('button', { name: 'Cancel' }).click(),
  ]) {
    await opener.click();
    await dialog.getByLabel('Reason').waitFor();
    await close();
    await dialog.waitFor({ state: 'detached' });
    await until(async () => (await focused(page)) === 'Adjust balance', `${close}: the focus is back`);
  }
  untroubled(page);
});
