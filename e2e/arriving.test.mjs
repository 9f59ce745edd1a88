// Coming in and going back, in a real browser: invitations, the first view of a
// newcomer, addresses, and what Back finds.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { accessible, fits, isLive, launch, looksRight, open, region, untroubled } from './browser.mjs';
import { api, until, url } from './support.mjs';

const owner = process.env.BANYAN_OWNER_TOKEN;
const member = process.env.BANYAN_MEMBER_TOKEN;
const ask = (method, path, body) => api(method, path, body, { token: owner });

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

const join = (name, referrer) =>
  ask('POST', '/api/users/register', {
    name, email: `${randomUUID()}@example.com`, ...(referrer && { referral_code: referrer.referral_code }),
  });

/** What Chromium logs of an answer from 400 on is no trouble here. */
const logged = (page) => page.trouble.filter((line) => !/^Failed to load resource: .* status of (400|404)/.test(line));

test('an invitation says who invites before anything is typed', async (t) => {
  const asha = await join('Asha Rao');
  const page = await open(t, browser, `/r/${asha.referral_code.toLowerCase()}`);
  await page.getByRole('heading', { name: 'Asha invites you' }).waitFor();
  assert.equal(await page.getByRole('status').count(), 1, 'only the one for what is read aloud');
  untroubled(page);
  const html = await (await fetch(`${url}/r/${asha.referral_code}`)).text();
  assert.ok(html.includes('<meta property="og:title" content="Asha invites you" />'), html);
});

test('a code that opens nothing says so before anything is typed', async (t) => {
  const [bela, chetan] = [await join('Bela Das'), await join('Chetan Gupta')];
  for (let place = 0; place < 8; place += 1) await join('Meera Iyer', bela);
  await ask('PATCH', `/api/users/${chetan.user_id}`, { is_active: false });
  for (const [code, words] of [
    [bela.referral_code, 'Bela has no free places left'],
    [chetan.referral_code, 'Chetan’s referral code is not in use at present'],
    ['ZZZZZZZZZZ', 'Nobody has this referral code'],
    ['hello', 'Nobody has this referral code'],
    ['%E0%A4%A', 'Nobody has this referral code'],
  ]) {
    const page = await open(t, browser, `/r/${code}`);
    await page.getByText(words).waitFor();
    await accessible(page, words);
    await page.getByRole('button', { name: 'Go on without a code' }).click();
    assert.equal(await page.getByLabel('Referral code').inputValue(), '');
    assert.equal(await page.getByText(words).count(), 0);
    assert.deepEqual(logged(page), []);
  }
});

test('a newcomer sees her link first, and her figures when there are any', async (t) => {
  const divya = await join('Divya Menon');
  const page = await open(t, browser, '/', { token: divya.token });
  await region(page, 'How it begins').waitFor();
  assert.equal(await region(page, 'Totals').count(), 0, 'no zeros');
  const field = page.getByRole('textbox', { name: 'Referral link' });
  assert.match(await field.inputValue(), new RegExp(`/r/${divya.referral_code}$`));
  const [wide, seen, high, shown] = await field.evaluate((element) =>
    [element.scrollWidth, element.clientWidth, element.scrollHeight, element.clientHeight]);
  assert.ok(wide <= seen && high <= shown, 'all of the link can be read');
  await isLive(page);

  const buyer = await join('Esha Nair', divya);
  await region(page, 'Referrals').getByText('Esha Nair').waitFor();
  await ask('POST', '/api/purchases', { user_id: buyer.user_id, amount: '5000.00', reference: randomUUID() });
  await region(page, 'Happening now').getByText('₹250.00').waitFor();
  untroubled(page);
});

test('the first view of a newcomer is accessible and fits, in light and dark, wide and narrow', async (t) => {
  const { token } = await join('Farah Khan');
  await looksRight(t, browser, {
    name: 'first view', path: '/', token, ready: (page) => region(page, 'How it begins').waitFor(),
  });
});

test('who joins, and who is switched off, is seen without a reload', async (t) => {
  const gauri = await join('Gauri Singh');
  await join('Hema Malik', gauri);
  const page = await open(t, browser, '/', { token: gauri.token });
  const ownersPage = await open(t, browser, '/', { token: owner });
  const referrals = region(page, 'Referrals');
  await referrals.getByText('1 of 8 places taken').waitFor();
  await region(ownersPage, 'Members').getByRole('table').waitFor();
  const { name } = await join('Indira Pillai', gauri);
  await referrals.getByText('2 of 8 places taken').waitFor();
  await referrals.getByText(name).waitFor();
  await region(ownersPage, 'Members').getByRole('link', { name }).waitFor();
  await ask('PATCH', `/api/users/${gauri.user_id}`, { is_active: false });
  await page.getByText('This membership is inactive').waitFor();
  untroubled(page);
});

test('Back finds the rows that were loaded, and the place', async (t) => {
  const page = await open(t, browser, '/', { token: owner });
  await isLive(page);
  const members = region(page, 'Members');
  const rows = () => members.getByRole('row').count();
  for (const wanted of [41, 61]) {
    await members.getByRole('button', { name: 'Load more' }).click();
    await until(async () => (await rows()) === wanted, `${wanted} rows`);
  }
  const link = members.getByRole('row').nth(55).getByRole('link');
  await link.scrollIntoViewIfNeeded();
  const [name, at] = [await link.textContent(), await page.evaluate(() => scrollY)];
  await link.click();
  await page.getByRole('heading', { name, level: 1 }).waitFor();
  assert.ok((await page.evaluate(() => scrollY)) < 50, 'another page begins at its top');
  await page.goBack();
  await until(async () => (await rows()) >= 61, 'the rows are there');
  await until(async () => Math.abs((await page.evaluate(() => scrollY)) - at) < 120, 'the place, too');
  assert.ok(await members.getByRole('link', { name, exact: true }).first().isVisible());
  untroubled(page);
});

test('a member at an address that is not hers is brought home, and the address with her', async (t) => {
  for (const path of ['/payouts', '/members/2', '/members/2/statement']) {
    const page = await open(t, browser, path, { token: member });
    await region(page, 'Totals').waitFor();
    await page.waitForURL(`${url}/`);
    await fits(page, path);
    untroubled(page, path);
  }
});

test('the owner goes from a member to whom she brought, and to who brought her', async (t) => {
  const hema = await join('Hema Malik');
  const { name, user_id: id } = await join('Indira Pillai', hema);
  const page = await open(t, browser, `/members/${hema.user_id}`, { token: owner });
  await region(page, 'Referrals').getByRole('link', { name }).click();
  await page.waitForURL(`${url}/members/${id}`);
  await page.getByRole('heading', { name, level: 1 }).waitFor();
  await page.getByRole('link', { name: 'Hema Malik' }).click();
  await page.waitForURL(`${url}/members/${hema.user_id}`);
  untroubled(page);
});
