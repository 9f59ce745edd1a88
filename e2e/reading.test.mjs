// Pages on paper, with larger letters, and with names that are not told, in a
// real browser.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { accessible, fits, isLive, launch, open, region, untroubled } from './browser.mjs';
import { printed } from './paper.mjs';
import { api, until, url } from './support.mjs';

const owner = process.env.BANYAN_OWNER_TOKEN;
const member = process.env.BANYAN_MEMBER_TOKEN;
const get = (path) => api('GET', path, undefined, { token: member });

let browser;
let star;
before(async () => {
  browser = await launch();
  star = await get('/api/me');
});
after(() => browser?.close());

/** The busiest of this month and the last. */
async function busiest() {
  const months = [0, 1].map((back) => {
    const at = new Date();
    at.setUTCMonth(at.getUTCMonth() - back, 1);
    return at.toISOString().slice(0, 7);
  });
  const statements = await Promise.all(
    months.map((month) => get(`/api/earnings/${star.user_id}/statement?month=${month}`)));
  return statements.toSorted((one, other) => other.entries.length - one.entries.length)[0];
}

test('a busy month is printed by day, and every page says what it is', async (t) => {
  const { month, closing_balance: closing } = await busiest();
  const page = await open(t, browser, `/members/${star.user_id}/statement?month=${month}`, { token: member });
  const lines = page.getByLabel('Lines');
  await page.getByRole('table', { name: /^Days of / }).waitFor();
  await accessible(page, 'by day');
  const byDay = await printed(await page.pdf({ preferCSSPageSize: true }));
  assert.ok(byDay.length <= 3, `${byDay.length} pages by day`);
  assert.match(byDay.join(), /\d+ commissions/);
  if (month !== new Date().toISOString().slice(0, 7)) {
    const said = new Intl.NumberFormat('en-IN', { minimumFractionDigits: 2 }).format(closing);
    assert.ok(byDay.at(-1).includes(said), `the last day ends with ${said}`);
  }

  await lines.selectOption('Every entry');
  await page.getByRole('table', { name: /^Entries of / }).waitFor();
  const pages = await printed(await page.pdf({ preferCSSPageSize: true }));
  assert.ok(pages.length > 5, `${pages.length} pages line by line`);
  for (const [number, text] of pages.entries()) {
    assert.match(text, new RegExp(`${new URL(url).host} · Statement of .* · ${star.name}, member ${star.user_id} · as of `));
    assert.match(text, new RegExp(`Page ${number + 1} of ${pages.length}`));
    assert.match(text, /Date\s+Entry\s+Purchase\s+Amount\s+Balance/);
  }
  untroubled(page);
});

test('the other pages print what they say, without what is only there to be used', async (t) => {
  const page = await open(t, browser, '/', { token: owner });
  await isLive(page);
  await region(page, 'Members').getByRole('table').waitFor();
  const text = (await printed(await page.pdf({ preferCSSPageSize: true }))).join();
  for (const there of ['Programme', 'Sales', 'Newest purchases', 'Members']) assert.ok(text.includes(there), there);
  for (const not of ['Report a purchase', 'Pause', 'Load more', 'Sign out']) assert.ok(!text.includes(not), not);
  await page.emulateMedia({ media: 'print' });
  const [ink, ground] = await page.evaluate(() => {
    const { color, backgroundColor } = getComputedStyle(document.querySelector('.totals'));
    return [color, backgroundColor];
  });
  assert.deepEqual([ink, ground], ['rgb(22, 32, 26)', 'rgba(0, 0, 0, 0)'], 'ink, not white on a ground that is left away');
});

test('charts of a dark page are drawn in ink for the paper, and go dark again', async (t) => {
  const page = await open(t, browser, '/', { token: member, colorScheme: 'dark' });
  await isLive(page);
  await page.locator('.chart-bars canvas').waitFor();
  await page.evaluate(() => {
    globalThis.inks = [];
    const { fillText } = CanvasRenderingContext2D.prototype;
    CanvasRenderingContext2D.prototype.fillText = function (...text) {
      globalThis.inks.push(this.fillStyle);
      return fillText.apply(this, text);
    };
    addEventListener('beforeprint', () => (globalThis.paper = [...globalThis.inks]));
  });
  await page.pdf({ preferCSSPageSize: true });
  const paper = await page.evaluate(() => globalThis.paper);
  assert.ok(paper.includes('#55615a'), `names are written in ink: ${[...new Set(paper)]}`);
  await until(async () => (await page.evaluate(() => globalThis.inks.at(-1))) === '#a0aea6', 'and in light letters again');
});

for (const width of [360, 1280]) {
  test(`letters are as large as the reader has set them, on ${width} px`, async (t) => {
    const page = await open(t, browser, '/', { token: member, width });
    await isLive(page);
    const size = () => page.evaluate(() => Number.parseFloat(getComputedStyle(document.querySelector('.entry-name small')).fontSize));
    const normal = await size();
    const session = await page.context().newCDPSession(page);
    await session.send('Page.setFontSizes', { fontSizes: { standard: 24, fixed: 20 } });
    await page.reload();
    await isLive(page);
    assert.equal(await size(), normal * 1.5);
    await fits(page, 'with letters half as large again');
    await accessible(page, 'with letters half as large again');
  });
}

test('two people whose names are masked are told apart by their numbers', async (t) => {
  const page = await open(t, browser, '/', { token: member });
  await isLive(page);
  const { data } = await get(`/api/earnings/${star.user_id}/entries?limit=15`);
  const masked = data.filter((entry) => entry.from_user?.endsWith('•••'));
  assert.ok(masked.length > 0);
  const names = region(page, 'All entries').getByRole('table');
  for (const entry of masked.slice(0, 3)) {
    await names.getByRole('button', { name: `${entry.from_user}\u00a0${entry.from_user_id}` }).first().waitFor();
  }
});
