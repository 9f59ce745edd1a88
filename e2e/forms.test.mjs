// What is refused, in a real browser: a sentence for whoever filled in the form,
// at the field it is about, and nowhere else.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { accessible, launch, open, region } from './browser.mjs';
import { api, until } from './support.mjs';

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

/** What no form says to a person. */
const FOR_PROGRAMS = /Invalid (body|plan|query|amount|reference)|invalid (type|value)|expected |missing field|[a-z]_[a-z]|`|\dT\d/;

/** Passes when this is said at the field, which has the focus, and at no other place. */
async function saidAt(form, label, words) {
  const field = form.getByLabel(label);
  const note = form.locator('.has-error .field-note');
  await note.filter({ hasText: words }).waitFor();
  assert.equal(await field.getAttribute('aria-invalid'), 'true', label);
  await until(() => field.evaluate((element) => element === document.activeElement), `${label} has the focus`);
  assert.equal(await form.page().getByRole('alert').count(), 0, `${label}: it is said once`);
  for (const text of await note.allTextContents()) {
    assert.doesNotMatch(text, FOR_PROGRAMS);
    assert.match(text, /^[A-Z₹“].*[.]$/, 'a sentence');
  }
}

test('a purchase that is refused says so at the field it is refused for', async (t) => {
  const page = await open(t, browser, '/', { token: owner });
  const form = region(page, 'Report a purchase');
  const report = async (number, amount, reference) => {
    await form.getByLabel('Member number').fill(String(number));
    await form.getByLabel('Amount in INR').fill(amount);
    if (reference) await form.getByLabel('Reference').fill(reference);
    await form.getByRole('button', { name: 'Report' }).click();
  };
  await report(999_999_999, '2500');
  await saidAt(form, 'Member number', 'There is no member 999999999.');
  await report(star, '0');
  await saidAt(form, 'Amount in INR', 'This must be more than zero.');
  await report(star, '2,000,000,000');
  await saidAt(form, 'Amount in INR', 'This must be at most ₹1,00,00,00,000.00.');
  await accessible(page, 'with an amount that is too large');
  await report(star, '2500', 'Bestellung № 7');
  await saidAt(form, 'Reference', 'This must be 1 to 255 plain letters, digits and signs, such as order-1001.');
  const { reference } = await ask('POST', '/api/purchases', { user_id: star, amount: '5.00', reference: randomUUID() });
  await report(star, '6', reference);
  await saidAt(form, 'Reference', `Reference "${reference}" belongs to another purchase.`);
});

test('what is wrong with a plan stands at its terms', async (t) => {
  const page = await open(t, browser, '/plan', { token: owner });
  const form = region(page, 'New version');
  const attempt = () => page.getByRole('button', { name: 'Try the new version on them' }).click();
  for (const [label, text, words] of [
    ['Days on hold', 'soon', 'This must be a whole number.'],
    ['Days on hold', '', 'This must be a whole number.'],
    ['Days on hold', '400', 'This must be 0 to 365.'],
    ['Direct referrals each', '99999999999', 'This number is too large.'],
    ['Level 1, %', '', 'This must be a rate from 0 to 100 with at most two decimals, such as 2.5.'],
    ['Pays on purchases above, in INR', 'a lot', 'This must be an amount such as ₹2,500.00.'],
    ['Most a level can pay, in INR', '0', 'This must be more than zero.'],
  ]) {
    const before = await form.getByLabel(label).inputValue();
    await form.getByLabel(label).fill(text);
    await attempt();
    await saidAt(form, label, words);
    await form.getByLabel(label).fill(before);
    await attempt();
    await until(async () => (await form.locator('.has-error').count()) === 0, 'it is mended');
  }
  await form.getByLabel('Level 1, %').fill('60');
  await form.getByLabel('Level 2, %').fill('50');
  await attempt();
  await form.getByText('The rates of all levels may not pass 100% together.').waitFor();
  assert.equal(await page.getByText('Something is not filled in').count(), 0);
});

test('a plan that would begin before a purchase names it by the time of the programme', async (t) => {
  // Its seconds look like an amount.
  const { purchase_id: id } = await ask('POST', '/api/purchases', {
    user_id: star, amount: '5.00', reference: randomUUID(), occurred_at: '2026-01-02T03:04:05.960Z',
  });
  const page = await open(t, browser, '/plan', { token: owner });
  const form = region(page, 'New version');
  await form.getByLabel('In force from').fill('2026-01-01');
  await form.getByRole('button', { name: 'Set this plan…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Set the plan' }).click();
  await saidAt(form, 'In force from', `Purchase ${id} of 2 Jan 2026, 8:34 am was decided under another plan;`);
});

test('the other forms say what is wrong where it is wrong', async (t) => {
  const due = await open(t, browser, '/payouts', { token: owner });
  const form = region(due, 'Due now');
  await form.getByLabel('At least, in INR').fill('0');
  await form.getByRole('button', { name: 'Show who is due' }).click();
  await form.locator('.has-error .field-note').filter({ hasText: 'This must be more than zero.' }).waitFor();
  assert.equal(await due.getByRole('alert').count(), 0);

  const adjusting = await open(t, browser, `/members/${star}`, { token: owner });
  await adjusting.getByRole('button', { name: 'Adjust balance' }).click();
  const dialog = adjusting.getByRole('dialog');
  await dialog.getByLabel('Amount in INR').fill('5');
  await dialog.getByLabel('Reason').fill('x'.repeat(201));
  await dialog.getByRole('button', { name: 'Continue' }).click();
  await saidAt(dialog, 'Reason', 'This must be 1 to 200 characters on one line.');

  const adding = await open(t, browser, '/', { token: owner });
  await adding.getByRole('button', { name: 'Add a member' }).click();
  const add = adding.getByRole('dialog');
  await add.getByLabel('Name').fill('Meera Iyer');
  for (const [email, code, label, words] of [
    ['meera@localhost', '', 'E-mail', 'This must be an e-mail address such as "asha@example.com".'],
    [(await ask('GET', `/api/users/${star}`)).email, '', 'E-mail', 'The e-mail address is registered already.'],
    [`${randomUUID()}@example.com`, 'ZZZZZZZZZZ', 'Referral code', 'Nobody has this referral code.'],
    [`${randomUUID()}@example.com`, 'hello', 'Referral code', 'This must be a referral code: ten letters and digits'],
  ]) {
    await add.getByLabel('E-mail').fill(email);
    await add.getByLabel('Referral code').fill(code);
    await add.getByRole('button', { name: 'Add the member' }).click();
    await saidAt(add, label, words);
  }
  await accessible(adding, 'with a member who is refused');

  const joining = await open(t, browser, '/register');
  await joining.getByLabel('Name').fill('Meera Iyer');
  await joining.getByLabel('E-mail').fill('meera@localhost');
  await joining.getByLabel('Password').fill('correct horse battery');
  await joining.getByRole('button', { name: 'Register' }).click();
  await saidAt(joining.locator('main'), 'E-mail', 'This must be an e-mail address such as "asha@example.com".');
});

test('a page about nobody says so in words', async (t) => {
  const page = await open(t, browser, '/members/999999999', { token: owner });
  await page.getByText('There is no such member').first().waitFor();
  assert.doesNotMatch(await page.locator('main').textContent(), FOR_PROGRAMS);
});
