// Long names, large amounts and ten levels in a real browser, on wide and
// narrow screens: nothing is cut off and no number is broken.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { accessible, fits, isLive, launch, open, region, untroubled } from './browser.mjs';
import { api } from './support.mjs';

const owner = process.env.BANYAN_OWNER_TOKEN;
const ask = (method, path, body) => api(method, path, body, { token: owner });

const LONG = 'Wolfeschlegelsteinhausenbergerdorff'.repeat(3).slice(0, 100);
const LEVELS = 10;
const WIDTHS = [320, 720, 1280];

let browser;
/** Whoever stands above all the others. */
let top;
before(async () => {
  browser = await launch();
  await ask('PUT', '/api/plan', {
    levels: ['5%', ...Array(LEVELS - 1).fill('1%')], commission_above: '1000.00',
    max_direct_referrals: 8, rounding: 'half_up', hold_days: 0, max_commission: null,
  });
  const line = [];
  for (let place = 0; place <= LEVELS; place += 1) {
    line.push(await ask('POST', '/api/users/register', {
      name: place % 2 ? LONG : 'Asha Rao', email: `${randomUUID()}@example.com`,
      ...(place > 0 && { referral_code: line[place - 1].referral_code }),
    }));
  }
  [top] = line;
  const sales = [...line.slice(1), ...Array(8).fill(line[LEVELS])];
  for (const [number, { user_id: buyer }] of sales.entries()) {
    const amount = number < LEVELS ? '87654321.10' : '998765432.10';
    await ask('POST', '/api/purchases', { user_id: buyer, amount, reference: randomUUID() });
  }
});
after(() => browser?.close());

/** What is wider than what holds it, or runs over more lines than one though it is a number. */
const broken = (page) =>
  page.evaluate(() => {
    const told = [];
    for (const card of document.querySelectorAll('.card, .totals')) {
      const { right } = card.getBoundingClientRect();
      for (const inside of card.querySelectorAll('*')) {
        const box = inside.getBoundingClientRect();
        if (inside.checkVisibility() && box.width > 1 && box.right > right + 1 && !inside.closest('svg')) {
          told.push(`sticks out: ${inside.tagName} ${inside.textContent.slice(0, 30)}`);
        }
      }
    }
    const texts = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const { data, parentElement } = texts.currentNode;
      for (const { index, 0: number } of data.matchAll(/[+−]?₹[\d,.]+/g)) {
        const range = document.createRange();
        range.setStart(texts.currentNode, index);
        range.setEnd(texts.currentNode, index + number.length);
        const lines = new Set([...range.getClientRects()].map(({ top }) => Math.round(top)));
        if (parentElement.checkVisibility() && lines.size > 1) told.push(`broken: ${number}`);
      }
    }
    return told;
  });

for (const width of WIDTHS) {
  test(`on ${width} px the longest names and amounts stay whole and in their cards`, async (t) => {
    for (const [path, token, card] of [['/', top.token, 'All entries'], ['/', owner, 'Members']]) {
      const page = await open(t, browser, path, { token, width });
      await isLive(page);
      await region(page, card).getByRole('table').waitFor();
      await fits(page, `${card}, ${width} px`);
      assert.deepEqual(await broken(page), [], `${card}, ${width} px`);
      await accessible(page, `${card}, ${width} px`);
      untroubled(page);
    }
  });
}

test('the sum in the middle of the ring stays inside of it', async (t) => {
  const page = await open(t, browser, '/', { token: top.token });
  const sum = page.locator('.doughnut-total strong');
  await sum.waitFor();
  const [ring, text] = await page.evaluate(() => {
    const range = document.createRange();
    range.selectNodeContents(document.querySelector('.doughnut-total strong'));
    return [document.querySelector('.doughnut').getBoundingClientRect().width, range.getBoundingClientRect().width];
  });
  // The ring is as wide as the hole leaves it.
  assert.ok(text < ring * 0.66, `${text} px in a hole of ${ring * 0.68} px`);
});

test('a ring of one level has no slit', async (t) => {
  const solo = await ask('POST', '/api/users/register', { name: 'Bela Das', email: `${randomUUID()}@example.com` });
  const buyer = await ask('POST', '/api/users/register', {
    name: 'Chetan Gupta', email: `${randomUUID()}@example.com`, referral_code: solo.referral_code,
  });
  await ask('POST', '/api/purchases', { user_id: buyer.user_id, amount: '5000.00', reference: randomUUID() });
  const page = await open(t, browser, '/', { token: solo.token });
  const canvas = page.locator('.doughnut canvas');
  await canvas.waitFor();
  await page.waitForTimeout(500);
  // All around, a little inside of its outer edge.
  const colours = await canvas.evaluate((element) => {
    const { width } = element;
    const context = element.getContext('2d');
    const [middle, radius] = [width / 2, (width / 2) * 0.93];
    const colours = new Set();
    for (let step = 0; step < 720; step += 1) {
      const angle = (step * Math.PI) / 360;
      const [x, y] = [middle + radius * Math.cos(angle), middle + radius * Math.sin(angle)];
      colours.add(context.getImageData(x, y, 1, 1).data.join());
    }
    return [...colours];
  });
  assert.equal(colours.length, 1, colours.join(' and '));
});
