// The pages in a real browser, over the demo: figures, live updates, forms,
// colours, narrow screens, accessibility.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import {
  accessible, agrees, figure, isLive, launch, looksRight, open, region, rupees, untroubled,
} from './browser.mjs';
import { api, until, url } from './support.mjs';

const owner = process.env.BANYAN_OWNER_TOKEN;
const member = process.env.BANYAN_MEMBER_TOKEN;
const get = (path, token = owner) => api('GET', path, undefined, { token });

let browser;
let star;
before(async () => {
  browser = await launch();
  star = (await get('/api/me', member)).user_id;
});
after(() => browser?.close());

/** Waits until this part of the page is there and the page follows what happens. */
async function shows(page, name) {
  await region(page, name).waitFor();
  await isLive(page);
}

/** Somebody with a place left. */
async function inviter() {
  const { data } = await get('/api/users?limit=100');
  return data.find((user) => user.is_active && user.slots_used < user.slots_limit);
}

test('the link signs in and leaves the address', async (t) => {
  const { token } = await api('POST', `/api/users/${star}/tokens`, {}, { token: owner });
  const page = await open(t, browser, '/', { token });
  await region(page, 'Totals').waitFor();
  assert.equal(page.url(), `${url}/`);
  const { name } = await get('/api/me', member);
  assert.equal(await page.getByRole('heading', { level: 1 }).textContent(), name);

  await page.reload();
  await region(page, 'Totals').waitFor();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  const status = async () => (await fetch(`${url}/api/me`, { headers: { authorization: `Bearer ${token}` } })).status;
  await until(async () => (await status()) === 401, 'the token opens nothing any more');
  untroubled(page);
});

test('the member page shows what the API says', async (t) => {
  const page = await open(t, browser, '/', { token: member });
  const totals = region(page, 'Totals');
  await isLive(page);
  const earnings = () => get(`/api/earnings/${star}`, member);
  for (const [name, of] of [
    ['Total earnings', (answer) => answer.total_earnings],
    ['Level 1', (answer) => answer.by_level.level_1],
    ['Level 2', (answer) => answer.by_level.level_2],
  ]) {
    await agrees(() => figure(totals, name).textContent(), async () => rupees(of(await earnings())), name);
  }
  await agrees(
    async () => (await totals.textContent()).includes(rupees((await earnings()).balance)),
    () => true,
    'balance',
  );
  const user = await get(`/api/users/${star}`, member);
  assert.equal(await page.getByRole('textbox', { name: 'Referral link' }).inputValue(), user.referral_link);
  const { level_1: direct } = await get(`/api/users/${star}/referrals`, member);
  const referrals = page.getByText(direct[0].name, { exact: true });
  assert.ok((await referrals.count()) > 0, 'those she brought are named');
  untroubled(page);
});

test('the owner’s page shows what the API says', async (t) => {
  const page = await open(t, browser, '/', { token: owner });
  const totals = region(page, 'Programme totals');
  await totals.waitFor();
  // The figures are read again every so often; a reload has them at once.
  await agrees(
    async () => {
      await page.reload();
      return figure(totals, 'Commissions').textContent();
    },
    async () => rupees((await get('/api/stats')).commissions),
    'commissions',
  );
  const { data: [newest] } = await get('/api/users?limit=1');
  await page.getByRole('table', { name: 'Members, newest first' }).waitFor();
  assert.ok((await page.getByRole('link', { name: newest.name }).count()) > 0);
  untroubled(page);
});

test('a purchase that the owner reports is explained to her and reaches the member at once', async (t) => {
  const [ownersPage, membersPage] = [
    await open(t, browser, '/', { token: owner }),
    await open(t, browser, '/', { token: member }),
  ];
  const totals = region(membersPage, 'Totals');
  await isLive(membersPage);
  await membersPage.evaluate(() => (globalThis.sameDocument = true));
  const before = await get(`/api/earnings/${star}`, member);
  const { level_1: [buyer] } = await get(`/api/users/${star}/referrals`);

  const form = region(ownersPage, 'Report a purchase');
  await form.getByLabel('Member number').fill(String(buyer.id));
  await form.getByLabel('Amount in INR').fill('7654.32');
  const reference = await form.getByLabel('Reference').inputValue();
  await form.getByRole('button', { name: 'Report' }).click();
  const result = form.getByRole('status');
  const { name } = await get(`/api/users/${star}`);
  // The page asks for names it has not met yet.
  await result.filter({ hasText: `Level 1: ${name}` }).waitFor();
  const told = await result.textContent();
  assert.ok(told.includes(`${buyer.name} bought for ₹7,654.32`), told);
  assert.ok(told.includes(`Level 1: ${name} earns ₹382.72, 5% of ₹7,654.32`), told);
  assert.match(told, /Level 2: /);
  assert.notEqual(await form.getByLabel('Reference').inputValue(), reference, 'the next one is another');

  const feed = region(membersPage, 'Happening now');
  await feed.getByText('₹382.72').first().waitFor();
  const { data } = await get(`/api/earnings/${star}/entries?limit=50`);
  const entry = data.find((line) => line.amount === '382.72' && line.seq > before.seq);
  assert.ok(entry, 'the ledger has it');
  await agrees(
    () => figure(totals, 'Total earnings').textContent(),
    async () => rupees((await get(`/api/earnings/${star}`)).total_earnings),
    'total earnings',
  );
  assert.notEqual(await figure(totals, 'Total earnings').textContent(), rupees(before.total_earnings));
  assert.equal(await membersPage.evaluate(() => globalThis.sameDocument), true, 'without a reload');
  untroubled(ownersPage);
  untroubled(membersPage);
});

test('a purchase that earns nothing says why', async (t) => {
  const page = await open(t, browser, '/', { token: owner });
  const form = region(page, 'Report a purchase');
  await form.getByLabel('Member number').fill(String(star));
  await form.getByLabel('Amount in INR').fill('1000');
  await form.getByRole('button', { name: 'Report' }).click();
  await form.getByText('Level 1: nothing, the amount is not above the plan’s threshold').waitFor();
  untroubled(page);
});

test('an invitation leads to a membership, and its password signs in', async (t) => {
  const referrer = await inviter();
  const page = await open(t, browser, `/r/${referrer.referral_code}`);
  await page.getByRole('heading', { name: `${referrer.name.split(' ')[0]} invites you` }).waitFor();
  assert.equal(await page.getByLabel('Referral code').inputValue(), referrer.referral_code);
  const email = `${randomUUID()}@example.com`;
  await page.getByLabel('Name').fill('Meera Iyer');
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill('correct horse battery');
  await page.getByRole('button', { name: 'Register' }).click();
  await page.getByText('Welcome, Meera Iyer.').waitFor();
  await region(page, 'How it begins').waitFor();
  const { data } = await get('/api/users?limit=20');
  assert.equal(data.find((user) => user.email === email).referrer_id, referrer.user_id);

  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill('correct horse battery');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await region(page, 'How it begins').waitFor();
  assert.equal(await page.getByRole('heading', { level: 1 }).textContent(), 'Meera Iyer');
  untroubled(page);
});

test('what is refused is said in words', async (t) => {
  const page = await open(t, browser, '/register');
  await page.getByLabel('Referral code').fill('ZZZZZZZZZZ');
  await page.getByLabel('Name').fill('Meera Iyer');
  await page.getByLabel('E-mail').fill(`${randomUUID()}@example.com`);
  await page.getByLabel('Password').fill('correct horse battery');
  await page.getByRole('button', { name: 'Register' }).click();
  await page.getByText('We do not know this referral code').waitFor();
  await accessible(page, 'with a refusal');
  await page.getByRole('button', { name: 'Go on without a code' }).click();
  assert.equal(await page.getByLabel('Referral code').inputValue(), '');

  await page.goto('/');
  await page.getByLabel('E-mail').fill('nobody@example.com');
  await page.getByLabel('Password').fill('wrong horse battery');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('Wrong credentials').waitFor();

  await page.getByLabel('Access link or token').fill('nonsense');
  await page.getByRole('button', { name: 'Use the link' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  // Chromium logs every answer from 400 on.
  const logged = page.trouble.filter((line) => !/^Failed to load resource: .* status of (401|422)/.test(line));
  assert.deepEqual(logged, []);
});

test('a page that is opened again by its address is still there', async (t) => {
  const pages = ['/', '/register', '/payouts', '/plan', '/audit'];
  for (const path of [...pages, `/members/${star}`, `/members/${star}/statement`]) {
    const page = await open(t, browser, path, { token: owner });
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.reload();
    await page.getByRole('heading', { level: 1 }).waitFor();
    untroubled(page, path);
  }
});

const PAGES = [
  {
    name: 'sign-in page',
    path: '/',
    ready: (page) => page.getByRole('heading', { name: 'Sign in' }).waitFor(),
  },
  {
    name: 'registration page',
    path: '/register',
    ready: (page) => page.getByRole('heading', { name: 'Join the programme' }).waitFor(),
  },
  { name: 'member page', path: '/', token: member, ready: (page) => shows(page, 'Totals') },
  { name: 'owner’s page', path: '/', token: owner, ready: (page) => shows(page, 'Programme totals') },
];

for (const { name, path, token, ready } of PAGES) {
  test(`the ${name} is accessible and fits, in light and dark, wide and narrow`, (t) =>
    looksRight(t, browser, { name, path, token, ready }));
}

test('the decisions of a purchase open in a dialog that is accessible and closes by Escape', async (t) => {
  const page = await open(t, browser, '/', { token: owner });
  await region(page, 'Newest purchases').getByRole('button', { name: 'open purchase' }).first().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByText('Level 1:', { exact: true }).waitFor();
  await accessible(page, 'with a dialog');
  await page.keyboard.press('Escape');
  await until(async () => (await dialog.count()) === 0, 'the dialog closes');
  untroubled(page);
});

test('a page written for the Node server works with the client that is served', async (t) => {
  for (const script of ['socket.io.js', 'socket.io.min.js', 'socket.io.esm.min.js']) {
    const page = await open(t, browser, '/');
    const type = script.includes('.esm.') ? 'module' : undefined;
    if (!type) await page.addScriptTag({ url: `/socket.io/${script}` });
    const joined = await page.evaluate(
      async ({ script, type, token, user }) => {
        const io = type ? (await import(`/socket.io/${script}`)).io : globalThis.io;
        const socket = io({ auth: { token } });
        return new Promise((done) => socket.emit('register', user, done)).finally(() => socket.close());
      },
      { script, type, token: member, user: star },
    );
    assert.equal(joined.ok, true, script);
    assert.equal(joined.user_id, star);
    untroubled(page, script);
  }
});
