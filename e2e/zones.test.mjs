// Days and months are those of the programme, in whatever time zone a browser is.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { launch, open, region, rupees, untroubled } from './browser.mjs';
import { api } from './support.mjs';

const owner = process.env.BANYAN_OWNER_TOKEN;
const member = process.env.BANYAN_MEMBER_TOKEN;
const get = (path, token = owner) => api('GET', path, undefined, { token });

/** West of UTC, UTC, and east of the programme. */
const ZONES = ['America/Los_Angeles', 'UTC', 'Pacific/Auckland'];
const ZONE = 'Asia/Kolkata';
const OFFSET_MS = 5.5 * 3_600_000;

let browser;
let star;
let buyer;
before(async () => {
  browser = await launch();
  star = (await get('/api/me', member)).user_id;
  buyer = (await get(`/api/users/${star}/referrals`)).level_1[0].id;
});
after(() => browser?.close());

/** The moment of a day and hour on the programme's clock, the day counted from the first of the month before this. */
function inLastMonth(day, hour) {
  const here = new Date(Date.now() + OFFSET_MS);
  const local = Date.UTC(here.getUTCFullYear(), here.getUTCMonth() - 1, day, hour, 30);
  return new Date(local - OFFSET_MS);
}

const monthOf = (at) => new Date(at.getTime() + OFFSET_MS).toISOString().slice(0, 7);

async function buy(amount, at) {
  const body = { user_id: buyer, amount, reference: randomUUID(), ...(at && { occurred_at: at.toISOString() }) };
  return api('POST', '/api/purchases', body, { token: owner });
}

test('a line at half past one at night on the first stands in its month, in every browser', async (t) => {
  assert.equal((await get('/api/me')).time_zone, ZONE);
  const at = inLastMonth(1, 1);
  await buy('4321.00', at);
  const month = monthOf(at);
  const shown = new Set();
  for (const timezoneId of ZONES) {
    const path = `/members/${star}/statement?month=${month}`;
    const page = await open(t, browser, path, { token: owner, timezoneId });
    const row = page.getByRole('row').filter({ hasText: '₹216.05' });
    await page.getByLabel('Lines').selectOption('entry');
    shown.add(await row.getByRole('cell').first().innerText());
    const before = await page.getByLabel('Month', { exact: true }).locator('option:checked + option').getAttribute('value');
    assert.ok(before < month, 'the month before is there to be chosen');
    await page.getByText(`Dates and times are those of ${ZONE}.`).waitFor();
    untroubled(page, timezoneId);
    await page.close();
  }
  assert.equal(shown.size, 1, [...shown].join(' | '));
  assert.match([...shown][0], /^1 \w+,? 01:30$/);
});

test('today is what the server says, whatever came late, in every browser', async (t) => {
  await buy('9000.00');
  await buy('8000.00', inLastMonth(3, 12));
  for (const timezoneId of ZONES) {
    const page = await open(t, browser, `/members/${star}`, { token: owner, timezoneId });
    const told = region(page, 'Totals').getByText(/ today$/);
    await told.waitFor();
    // The demo lives on between the two looks.
    for (let tries = 0; ; tries += 1) {
      const before = await get(`/api/earnings/${star}/today`);
      const text = await told.innerText();
      const { earned } = await get(`/api/earnings/${star}/today`);
      if (before.earned === earned && text.includes(rupees(earned))) break;
      assert.ok(tries < 50, `${timezoneId}: ${text} for ${earned}`);
      await page.waitForTimeout(200);
    }
    untroubled(page, timezoneId);
    await page.close();
  }
});

test('a day that is picked for a plan is the one that is named, in every browser', async (t) => {
  const year = new Date().getUTCFullYear() + 2;
  for (const timezoneId of ZONES) {
    const page = await open(t, browser, '/plan', { token: owner, timezoneId });
    await page.getByLabel('In force from').fill(`${year}-03-01`);
    await page.getByText(`Midnight of that day in ${ZONE}`).waitFor();
    await page.getByRole('button', { name: /^Set this plan/ }).click();
    await page.getByRole('dialog').getByText(`1 Mar ${year}, midnight in ${ZONE}`).waitFor();
    untroubled(page, timezoneId);
    await page.close();
  }
});
