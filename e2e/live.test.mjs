// Pages that stay open while everything moves, in a real browser: nothing jumps
// under a pointer, charts move from where they are, and a page that was cut off
// comes back.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { isLive, launch, open, region, untroubled } from './browser.mjs';
import { api, sleep, until } from './support.mjs';

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
