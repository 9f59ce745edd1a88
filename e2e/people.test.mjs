// What members and owners do most, in browsers that are not Chromium: by
// pointer and keyboard, wherever the pages are laid out differently.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { before, test } from 'node:test';
import { firefox, Person, webkit } from './drivers.mjs';
import { printed } from './paper.mjs';
import { api, until, url } from './support.mjs';

const owner = process.env.BANYAN_OWNER_TOKEN;
const member = process.env.BANYAN_MEMBER_TOKEN;
const launch = { firefox, webkit }[process.env.BROWSER];
const get = (path, token = owner) => api('GET', path, undefined, { token });

let star;
before(async () => {
  star = (await get('/api/me', member)).user_id;
});

/** Somebody in a window of her own, signed in by the link that holds this token. */
async function somebody(t, path, token) {
  const person = new Person(await launch(t));
  await person.open(`${url}${path}${token ? `#token=${token}` : ''}`);
  await person.find('h1');
  return person;
}

/** The text of what has the focus. */
const focused = (person) => person.see(() => document.activeElement.textContent);

test('a member copies her link, and opens a line by a click anywhere on its row', async (t) => {
  const person = await somebody(t, '/', member);
  await person.find('.data-table td');
  await person.click('button', 'Copy');
  await person.find('button', 'Copied');
  await person.find('.live-dot', 'Live');
  // Nothing moves while one row is pointed at.
  await person.click('.feed-card button', 'Pause');
  const { text } = await person.find('.data-table tbody tr:nth-child(3) .row-button');
  await person.click('.data-table tbody tr:nth-child(3) .narrow-value', '');
  await person.find('dialog h2', 'Why');
  await person.press('Escape');
  await person.gone('dialog');
  assert.equal(await focused(person), text, 'the focus is back on the row');
  await person.click('.totals');
  assert.equal(await person.see(() => document.querySelector('dialog')), null, 'nothing else opens a row');
});

test('the owner reports a purchase, opens it from the list, and refunds a part of it', async (t) => {
  const person = await somebody(t, '/', owner);
  const { level_1: [buyer] } = await get(`/api/users/${star}/referrals`);
  await person.fill('input[inputmode=numeric]', String(buyer.id));
  await person.fill('input[inputmode=decimal]', '7654.32');
  await person.click('button', 'Report');
  const told = await person.find('.report-result');
  assert.ok(told.text.includes('bought for ₹7,654.32'), told.text);
  await person.click('.data-table tbody tr .narrow-value', '₹7,654.32');
  await person.find('dialog h2', 'Purchase');
  await person.click('dialog button', 'Refund…');
  await person.fill('dialog input[inputmode=decimal]', '654.32');
  await person.click('dialog button', 'Continue');
  await person.click('dialog button', 'Refund ₹654.32');
  await person.find('dialog .note-title', 'Refunded ₹654.32; ₹7,000.00 is left');
  await person.click('dialog button[aria-label=Close]');
  await person.gone('dialog');
});

test('somebody who is invited registers, signs out and signs in', async (t) => {
  const { data } = await get('/api/users?limit=100');
  const { referral_code: code } = data.find((user) => user.is_active && user.slots_used < user.slots_limit);
  const person = await somebody(t, `/r/${code}`);
  const email = `${randomUUID()}@example.com`;
  await person.fill('input[name=name]', 'Meera Iyer');
  await person.fill('input[name=email]', email);
  await person.fill('input[name=password]', 'correct horse battery');
  await person.click('button', 'Register');
  await person.find('h1', 'Meera Iyer');
  await person.click('button', 'Sign out');
  await person.fill('input[name=email]', email);
  await person.fill('input[name=password]', 'correct horse battery');
  await person.press('Enter');
  await person.find('h1', 'Meera Iyer');
});

test('the owner finds a member by her address, and Escape brings the list back', async (t) => {
  const { email, name } = await get(`/api/users/${star}`);
  const person = await somebody(t, '/', owner);
  await person.find('.data-table td');
  await person.fill('form[aria-label="Find a member"] input', email);
  await person.press('Enter');
  const found = () => person.see(() => [...document.querySelectorAll('caption')].map((caption) => caption.textContent));
  await until(async () => (await found()).includes('Members found'), 'she is found');
  await person.find('.person-cell a', name);
  await person.press('Escape');
  await until(async () => (await found()).includes('Members, newest first'), 'the list is back');
});

// WebKitGTK cannot be asked for a PDF.
const onPaper = launch === firefox ? test : () => undefined;

onPaper('a printed statement says what it is on every page', async (t) => {
  const person = await somebody(t, '/', member);
  const months = [0, 1].map((back) => {
    const at = new Date();
    at.setUTCMonth(at.getUTCMonth() - back, 1);
    return at.toISOString().slice(0, 7);
  });
  const statements = await Promise.all(months.map((month) => get(`/api/earnings/${star}/statement?month=${month}`)));
  const [{ month, entries }] = statements.toSorted((one, other) => other.entries.length - one.entries.length);
  const { name } = await get('/api/me', member);
  await person.open(`${url}/members/${star}/statement?month=${month}`);
  await person.find('.paper');
  await person.see(() => {
    const lines = document.querySelector('select[id$=lines]');
    lines.value = 'entry';
    lines.dispatchEvent(new Event('change', { bubbles: true }));
  });
  await until(
    () => person.see((rows) => document.querySelectorAll('.paper tbody tr').length >= rows, entries.length),
    'the statement is there',
  );
  const pages = await printed(await person.window.pdf());
  assert.ok(pages.length > 2, `${pages.length} pages for ${entries.length} lines`);
  for (const [number, page] of pages.entries()) {
    assert.match(page, /Date\s+Entry\s+Purchase\s+Amount\s+Balance/, `page ${number + 1}`);
    assert.match(page, new RegExp(`Page ${number + 1} of ${pages.length}\\s*$`));
    assert.match(page, new RegExp(`${new URL(url).host} · Statement of .* · ${name}, member ${star} · as of `));
  }
});

test('the axis of a chart counts in thousands, lakhs and crores, whatever the browser would write', async (t) => {
  const person = await somebody(t, '/', member);
  await person.find('.chart-bars');
  await person.see(() => {
    globalThis.written = [];
    const { fillText } = CanvasRenderingContext2D.prototype;
    CanvasRenderingContext2D.prototype.fillText = function (text, ...where) {
      globalThis.written.push(text);
      return fillText.call(this, text, ...where);
    };
  });
  // In other colours it is drawn again.
  await person.click('.theme-toggle label', 'Dark');
  await until(async () => (await person.see(() => globalThis.written.length)) > 0, 'it is drawn again');
  const amounts = (await person.see(() => globalThis.written)).filter((text) => text.startsWith('₹'));
  assert.ok(amounts.length > 2, String(amounts));
  for (const amount of amounts) assert.match(amount, /^₹(\d{1,3}(\.\d)?(K|L|Cr)|\d{1,3})$/);
});
