// The owner finds one member, or one purchase, among all, in a real browser;
// and sees what her shop keeps with it.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { accessible, fits, isLive, launch, looksRight, open, region } from './browser.mjs';
import { api, until } from './support.mjs';

const owner = process.env.BANYAN_OWNER_TOKEN;
const ask = (method, path, body) => api(method, path, body, { token: owner });

let browser;
let member;
let purchase;
before(async () => {
  browser = await launch();
  const [email, external] = [`${randomUUID()}@example.com`, `customer ${randomUUID()}`];
  const { user_id: id } = await ask('POST', '/api/users/register', {
    name: 'Meera Iyer', email, external_id: external, metadata: { shop: 'Pune', 'told us': 'by telephone\nin March' },
  });
  member = await ask('GET', `/api/users/${id}`);
  purchase = await ask('POST', '/api/purchases', {
    user_id: id, amount: '4321.00', reference: `order ${randomUUID()}`, metadata: { till: '4' },
  });
});
after(() => browser?.close());

/** Chromium logs every answer from 400 on; that somebody is not there is no trouble. */
const untroubled = (page) =>
  assert.deepEqual(page.trouble.filter((line) => !/^Failed to load resource: .* status of (400|404)/.test(line)), []);

/** A card of the owner's page with the box that looks in it. */
function box(page, card, label) {
  const all = region(page, card);
  const field = all.getByRole('searchbox', { name: label });
  const look = async (text) => {
    await field.fill(text);
    await field.press('Enter');
  };
  return { all, field, look };
}

const members = (page) => box(page, 'Members', 'Find a member');
const purchases = (page) => box(page, 'Newest purchases', 'Find a purchase');

test('a member is found by whatever names her, and an emptied box brings the list back', async (t) => {
  const page = await open(t, browser, '/', { token: owner });
  const { all, field, look } = members(page);
  const found = all.getByRole('table', { name: 'Members found' });
  for (const text of [
    String(member.user_id),
    ` ${member.referral_code.toLowerCase()} `,
    member.referral_link,
    member.email.toUpperCase(),
    member.external_id,
  ]) {
    await look(text);
    await found.getByRole('link', { name: member.name }).waitFor();
    assert.equal(await found.getByRole('row').count(), 2, `${text}: the heading and her`);
    await field.fill('');
    await all.getByRole('table', { name: 'Members, newest first' }).waitFor();
  }
  await look(member.email);
  await found.waitFor();
  await field.press('Escape');
  await all.getByRole('table', { name: 'Members, newest first' }).waitFor();
  assert.equal(await field.inputValue(), '');
  untroubled(page);
});

test('who is not there is told plainly, with what can be looked for', async (t) => {
  const page = await open(t, browser, '/', { token: owner });
  for (const [{ all, field, look }, hint] of [
    [members(page), 'By number, referral code or link, e-mail address, or your own id.'],
    [purchases(page), 'By number or reference.'],
  ]) {
    for (const text of ['999999999', 'nobody@example.com', 'Zoë & co. 100%/#?']) {
      await look(text);
      await all.getByText(`Nothing found for “${text}”`).waitFor();
      assert.equal(await all.getByText(hint).count(), 2, 'at the box, and where nothing is');
      assert.equal(await all.getByRole('table').count(), 0);
    }
    await accessible(page, 'with nothing found');
    await all.getByRole('button', { name: 'Show the whole list' }).click();
    await all.getByRole('table').waitFor();
    assert.ok(await field.evaluate((element) => element === document.activeElement), 'the focus is in the box');
  }
  untroubled(page);
});

test('what is found opens like any other row, and Back keeps what was looked for', async (t) => {
  const page = await open(t, browser, '/', { token: owner });
  const { all, field, look } = members(page);
  await look(member.external_id);
  await all.getByRole('link', { name: member.name }).click();
  await page.getByRole('heading', { name: member.name, level: 1 }).waitFor();
  const shop = region(page, 'In your shop');
  for (const text of [member.external_id, 'Pune', 'by telephone']) await shop.getByText(text).waitFor();
  await accessible(page, 'with what the shop keeps');
  await page.goBack();
  await all.getByRole('table', { name: 'Members found' }).getByRole('link', { name: member.name }).waitFor();
  assert.equal(await field.inputValue(), member.external_id);

  await all.getByRole('button', { name: /^Deactivate/ }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Deactivate' }).click();
  await all.getByText('Inactive').waitFor();
  await ask('PATCH', `/api/users/${member.user_id}`, { is_active: true });
  untroubled(page);
});

test('a purchase is found and refunded while new ones come in', async (t) => {
  const page = await open(t, browser, '/', { token: owner });
  await isLive(page);
  const { all, field, look } = purchases(page);
  for (const text of [String(purchase.purchase_id), purchase.reference]) {
    await look(text);
    const row = all.getByRole('button', { name: `open purchase ${purchase.purchase_id}` });
    await row.waitFor();
    assert.equal(await all.getByRole('row').count(), 2);
  }
  await all.getByRole('button', { name: `open purchase ${purchase.purchase_id}` }).click();
  const dialog = page.getByRole('dialog', { name: `Purchase ${purchase.purchase_id}` });
  await dialog.getByRole('heading', { name: 'Your notes' }).waitFor();
  await dialog.getByText('till', { exact: true }).waitFor();
  await dialog.getByRole('button', { name: 'Refund…' }).click();
  await dialog.getByLabel('Amount in INR').fill('321');
  await dialog.getByRole('button', { name: 'Continue' }).click();
  await dialog.getByRole('button', { name: 'Refund ₹321.00' }).click();
  await dialog.getByText('Refunded ₹321.00').waitFor();
  await page.keyboard.press('Escape');
  await all.getByText('partly refunded').waitFor();

  const { purchase_id: newest } = await ask('POST', '/api/purchases', {
    user_id: member.user_id, amount: '1.00', reference: randomUUID(),
  });
  await field.press('Escape');
  await page.mouse.move(1, 1);
  await all.getByRole('button', { name: `open purchase ${newest}` }).waitFor();
  untroubled(page);
});

test('a box that is used fits on the narrowest screen', async (t) => {
  const page = await open(t, browser, '/', { token: owner, width: 320 });
  for (const [{ all, look }, text] of [[members(page), member.email], [purchases(page), purchase.reference]]) {
    await look(text);
    await until(async () => (await all.getByRole('row').count()) === 2, 'it is found');
  }
  await fits(page, '320 px');
  await accessible(page, '320 px');
});

test('the owner’s page with a member and no purchase found is accessible and fits, in light and dark', (t) =>
  looksRight(t, browser, {
    name: 'owner’s page', path: '/', token: owner,
    ready: async (page) => {
      await members(page).look(member.email);
      await region(page, 'Members').getByRole('table', { name: 'Members found' }).waitFor();
      await purchases(page).look('no such order');
      await page.getByText('Nothing found for “no such order”').waitFor();
    },
  }));

test('the page of a member the shop has notes of is accessible and fits, in light and dark', (t) =>
  looksRight(t, browser, {
    name: 'member’s page', path: `/members/${member.user_id}`, token: owner,
    ready: (page) => region(page, 'In your shop').waitFor(),
  }));
