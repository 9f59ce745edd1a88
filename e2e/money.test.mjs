// Money after the sale in a real browser, over the demo: why a line is there,
// refunds, payouts, adjustments, statements, plans and the audit log.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import {
  accessible, agrees, figure, isLive, launch, looksRight, open, openPurchase, region, rupees, untroubled,
} from './browser.mjs';
import { api, until } from './support.mjs';

const owner = process.env.BANYAN_OWNER_TOKEN;
const member = process.env.BANYAN_MEMBER_TOKEN;
const ask = (method, path, body) => api(method, path, body, { token: owner });
const get = (path) => ask('GET', path);

let browser;
let star;
/** A run that is there before any test. */
let run;
before(async () => {
  browser = await launch();
  star = (await api('GET', '/api/me', undefined, { token: member })).user_id;
  run = await ask('POST', '/api/payouts/runs', { minimum: '20000.00', reference: randomUUID() });
});
after(() => browser?.close());

/** A purchase that has just earned the star a commission of the first level. */
async function sale(amount) {
  const { level_1: direct } = await get(`/api/users/${star}/referrals`);
  return ask('POST', '/api/purchases', { user_id: direct[0].id, amount, reference: randomUUID() });
}

const payoutOf = async (user) => (await get(`/api/users/${user}/payouts?limit=1`)).data[0];
const focused = (page) => page.evaluate(() => document.activeElement?.textContent);
const gone = (dialog) => until(async () => (await dialog.count()) === 0, 'the dialog closes');

test('every kind of line reaches the member by itself, in words and with its sign', async (t) => {
  const page = await open(t, browser, '/', { token: member });
  const [feed, totals] = [region(page, 'Happening now'), region(page, 'Totals')];
  await isLive(page);
  const row = (words, amount) => feed.getByRole('listitem').filter({ hasText: words }).filter({ hasText: amount });

  const purchase = await sale('8642.20');
  await row('Level 1 commission', '+₹432.11').waitFor();
  await ask('POST', `/api/purchases/${purchase.purchase_id}/refunds`, { amount: '8642.20' });
  await row('Level 1, reversed after a refund', '−₹432.11').waitFor();
  await ask('POST', `/api/users/${star}/adjustments`, { direction: 'credit', amount: '77.70', reason: 'A thank-you' });
  await row('Adjustment', '+₹77.70').waitFor();
  await row('A thank-you', '+₹77.70').waitFor();
  await ask('POST', '/api/payouts/runs', { minimum: '50.00', reference: randomUUID() });
  const { payout_id: payout, amount } = await payoutOf(star);
  await row('Payout', `−${rupees(amount)}`).waitFor();
  await ask('PATCH', `/api/payouts/${payout}`, { status: 'failed', reason: 'The account is closed' });
  await row('Payout returned', `+${rupees(amount)}`).waitFor();

  for (const [name, of] of [
    ['Available', (answer) => answer.available],
    ['On hold', (answer) => answer.pending],
    ['Adjusted', (answer) => answer.adjusted],
  ]) {
    const said = async () => rupees(of(await get(`/api/earnings/${star}`)));
    await agrees(() => figure(totals, name).textContent(), said, name);
  }
  const { reversed } = await get(`/api/earnings/${star}`);
  assert.equal(await figure(totals, 'Reversed').textContent(), rupees(`-${reversed}`));
  await region(page, 'Payouts').getByText('The account is closed').first().waitFor();
  untroubled(page);
});

test('a line opens why it is there by Enter, and Escape goes back to it', async (t) => {
  const page = await open(t, browser, '/', { token: member });
  await region(page, 'Totals').waitFor();
  // Nothing moves while one row is looked at.
  await region(page, 'Happening now').getByRole('button', { name: 'Pause' }).click();
  const { data } = await api('GET', `/api/earnings/${star}/entries?limit=50`, undefined, { token: member });
  const entry = data.find((line) => line.kind === 'commission' && line.level === 1);
  const explained = await api('GET', `/api/entries/${entry.id}/explain`, undefined, { token: member });
  const button = region(page, 'All entries').getByRole('button', { name: `entry ${entry.seq}: why?` });
  for (let more = 0; more < 3 && (await button.count()) === 0; more++) {
    await region(page, 'All entries').getByRole('button', { name: 'Load more' }).click();
  }
  await button.focus();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Why this commission?' });
  for (const sentence of explained.sentences) {
    const said = sentence.replace(/(?<![\d.])(\d+\.\d{2})(?!\d)( INR)?/g, (_, amount) => rupees(amount));
    assert.ok(!said.includes('INR'), said);
    await dialog.getByText(said).first().waitFor();
  }
  const chain = dialog.getByRole('table', { name: 'What each level of the purchase came to' });
  assert.equal(await chain.getByRole('row').count(), 1 + explained.chain.length);
  await accessible(page, 'with an explanation');
  await page.keyboard.press('Escape');
  await gone(dialog);
  assert.match(await focused(page), new RegExp(`entry ${entry.seq}: why\\?`));
  untroubled(page);
});

test('a refund is asked for twice and shows what it takes back', async (t) => {
  const { purchase_id: id } = await sale('10000.00');
  const page = await open(t, browser, '/', { token: owner });
  const dialog = await openPurchase(page, id);
  await dialog.getByRole('button', { name: 'Refund…' }).click();
  const amount = dialog.getByLabel('Amount in INR');
  assert.equal(await amount.inputValue(), '10000.00', 'all that is left');
  await amount.fill('10000.01');
  await dialog.getByRole('button', { name: 'Continue' }).click();
  await dialog.getByText('Only ₹10,000.00 of this purchase is left.').waitFor();
  await accessible(page, 'with a refund that is too much');
  await amount.fill('4000');
  await dialog.getByRole('button', { name: 'Continue' }).click();
  await dialog.getByText('₹6,000.00 of the purchase is left then').waitFor();
  const { name: earner } = await get(`/api/users/${star}`);
  await dialog.getByRole('listitem').filter({ hasText: `${earner} loses ₹200.00` }).waitFor();
  assert.equal((await get(`/api/purchases/${id}`)).refunded, '0.00', 'nothing before the second yes');
  await accessible(page, 'with a refund to be confirmed');
  await dialog.getByRole('button', { name: 'Refund ₹4,000.00' }).click();
  const done = dialog.getByRole('status');
  await done.getByText('Refunded ₹4,000.00; ₹6,000.00 is left').waitFor();
  const { name } = await get(`/api/users/${star}`);
  await done.getByText(name).waitFor();
  assert.match(await done.textContent(), new RegExp(`Level 1: ${name} −₹200.00`));
  await accessible(page, 'with a refund that was made');
  const { net, refunds } = await get(`/api/purchases/${id}`);
  assert.deepEqual([net, refunds.length], ['6000.00', 1]);
  await page.keyboard.press('Escape');
  await gone(dialog);
  await region(page, 'Newest purchases').getByText('partly refunded').first().waitFor();
  untroubled(page);
});

test('a refund that leaves less than the threshold says what each loses before it asks', async (t) => {
  const { purchase_id: id, decisions } = await sale('25000.00');
  const page = await open(t, browser, '/', { token: owner });
  const dialog = await openPurchase(page, id);
  await dialog.getByRole('button', { name: 'Refund…' }).click();
  await dialog.getByLabel('Amount in INR').fill('24,500.00');
  await dialog.getByRole('button', { name: 'Continue' }).click();
  const list = dialog.getByRole('list', { name: /would lose or get/ });
  await list.getByText('loses ₹1,250.00').waitFor();
  const earners = decisions.filter((decision) => decision.outcome === 'paid').length;
  assert.equal(await list.getByRole('listitem').count(), earners);
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  untroubled(page);
});

test('one thing that is wrong is said once', async (t) => {
  const page = await open(t, browser, '/register');
  const away = (route) => route.abort('connectionrefused');
  await page.route(/\/api\/(stats|users|purchases|earnings)/, away);
  await page.goto(`/#token=${owner}`);
  await page.getByText('The server cannot be reached').waitFor();
  await page.waitForTimeout(500);
  assert.equal(await page.getByText('The server cannot be reached').count(), 1);
  await page.unroute(/\/api\/(stats|users|purchases|earnings)/, away);
  await page.getByRole('button', { name: 'Retry' }).click();
  await region(page, 'Members').getByRole('table').waitFor();
  await until(async () => (await page.getByText('The server cannot be reached').count()) === 0, 'it is over');
});

test('a payout run is made after a look at who is due, and its payouts are settled', async (t) => {
  const page = await open(t, browser, '/payouts', { token: owner });
  const due = region(page, 'Due now');
  // A credit makes sure that there are two who are due this much.
  const { data: people } = await get('/api/users?limit=2');
  for (const { user_id: id } of people) {
    await ask('POST', `/api/users/${id}/adjustments`, { direction: 'credit', amount: '400000.00', reason: 'A prize' });
  }
  await due.getByLabel('At least, in INR').fill('400000');
  await due.getByRole('button', { name: 'Show who is due' }).click();
  await due.getByText('to 2 members who are due ₹4,00,000.00 or more').waitFor();
  await due.getByRole('button', { name: 'Make a payout run…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Pay 2 members?' });
  await dialog.getByRole('button', { name: 'Pay 2 members' }).waitFor();
  await dialog.getByText(`${people[0].name} gets`).first().waitFor();
  await accessible(page, 'with a run to be confirmed');
  await dialog.getByRole('button', { name: 'Pay 2 members' }).click();
  await page.getByRole('heading', { name: /^Payout run \d+$/ }).waitFor();
  await page.getByText(/^Run \d+ pays ₹.* to 2 members\.$/).waitFor();

  const payouts = region(page, 'Payouts');
  await payouts.getByText('2 pending').waitFor();
  await payouts.getByRole('button', { name: /^Paid/ }).first().click();
  await payouts.getByText('1 pending, 1 paid').waitFor();
  await until(async () => /^Paid/.test(await focused(page)), 'the focus is where the button was');
  await payouts.getByRole('button', { name: /^Failed…/ }).click();
  const failed = page.getByRole('dialog', { name: 'This payout failed?' });
  await failed.getByLabel('Reason').fill('The account is closed');
  await accessible(page, 'with a payout that failed');
  await failed.getByRole('button', { name: 'Failed' }).click();
  await payouts.getByText('1 paid, 1 failed').waitFor();
  const id = new URL(page.url()).pathname.split('/').at(-1);
  const { data } = await get(`/api/payouts/runs/${id}/payouts`);
  assert.deepEqual(data.map((payout) => payout.status), ['paid', 'failed']);
  assert.equal(data[1].reason, 'The account is closed');
  untroubled(page);
});

test('a whole run is settled at once, after what has changed since it was made', async (t) => {
  const purchase = await sale('20000.00');
  const made = await ask('POST', '/api/payouts/runs', { minimum: '0.01', reference: randomUUID() });
  await ask('POST', `/api/purchases/${purchase.purchase_id}/refunds`, { amount: '20000.00' });
  const { name } = await get(`/api/users/${star}`);
  const page = await open(t, browser, `/payouts/${made.run_id}`, { token: owner });
  const warnings = region(page, 'Before the money is sent');
  const warning = warnings.getByRole('listitem').filter({ hasText: `${name}: ₹1,000.00 of this payout is no longer due` });
  await warning.waitFor();
  await accessible(page, 'with warnings');
  await warning.getByRole('button', { name: `Purchase ${purchase.purchase_id}` }).click();
  await page.getByRole('dialog', { name: `Purchase ${purchase.purchase_id}` }).waitFor();
  await page.keyboard.press('Escape');

  const payouts = region(page, 'Payouts');
  const boxes = payouts.getByRole('checkbox', { name: /^Choose the payout to/ });
  await boxes.nth(0).check();
  await boxes.nth(1).check();
  await payouts.getByRole('button', { name: 'Mark 2 as failed…' }).click();
  const failed = page.getByRole('dialog', { name: 'Mark 2 payouts as failed?' });
  await failed.getByLabel('Reason').fill('The bank refused the file');
  await accessible(page, 'with payouts to be marked as failed');
  await failed.getByRole('button', { name: 'Mark as failed' }).click();
  await page.getByText('2 payouts marked as failed.').waitFor();
  await payouts.getByRole('button', { name: 'Mark the whole run as paid…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Mark as paid' }).click();
  await page.getByText('2 others had been settled in another way and stay as they are.').waitFor();
  const { data } = await get(`/api/payouts/runs/${made.run_id}/payouts?limit=100`);
  assert.ok(data.length > 2 && data.filter(({ status }) => status === 'failed').length === 2);
  assert.ok(data.every(({ status }) => status !== 'pending'));

  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'CSV' }).click();
  const file = await readFile(await (await download).path(), 'utf8');
  assert.equal(file.trim().split('\n').length, 1 + made.payouts);
  assert.match(file, new RegExp(`,${name},`));
  untroubled(page);
});

test('those who are due most come first where that is asked for', async (t) => {
  const page = await open(t, browser, '/payouts', { token: owner });
  const due = region(page, 'Due now');
  await due.getByLabel('At least, in INR').fill('0.01');
  await due.getByLabel('In the order of').selectOption('amounts, largest first');
  const { data } = await get('/api/payouts/preview?minimum=0.01&sort=amount');
  const first = due.getByRole('table').getByRole('row').nth(1);
  await first.filter({ hasText: data[0].user_name }).filter({ hasText: rupees(data[0].amount) }).waitFor();
  await accessible(page, 'with the due list by amount');
  untroubled(page);
});

test('a balance is adjusted with a reason, and below zero it says so', async (t) => {
  const { user_id: id, name } = await api('POST', '/api/users/register', {
    name: 'Meera Iyer', email: `${randomUUID()}@example.com`,
  }, { token: owner });
  const page = await open(t, browser, `/members/${id}`, { token: owner });
  await isLive(page);
  await page.getByRole('button', { name: 'Adjust balance' }).click();
  const dialog = page.getByRole('dialog', { name: `Adjust the balance of ${name}` });
  await dialog.getByLabel('Debit').check();
  await dialog.getByLabel('Amount in INR').fill('₹ 1,250.5');
  await dialog.getByLabel('Reason').fill('Paid twice in March');
  await accessible(page, 'with an adjustment');
  await dialog.getByRole('button', { name: 'Continue' }).click();
  await dialog.getByText(`${name} loses ₹1,250.50`).waitFor();
  await dialog.getByText('₹0.00 → −₹1,250.50, which is below zero').waitFor();
  assert.equal((await get(`/api/earnings/${id}`)).balance, '0.00', 'nothing before the second yes');
  await accessible(page, 'with an adjustment to be confirmed');
  await dialog.getByRole('button', { name: 'Debit ₹1,250.50' }).click();
  await gone(dialog);
  await region(page, 'Happening now').getByText('−₹1,250.50').waitFor();
  await page.getByText('The balance is below zero').waitFor();
  await region(page, 'Totals').getByText('below zero').waitFor();
  assert.equal((await get(`/api/earnings/${id}`)).balance, '-1250.50');

  await page.getByRole('button', { name: 'Deactivate' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Deactivate' }).click();
  await page.getByText('This membership is inactive').waitFor();
  await accessible(page, 'of an inactive member below zero');
  untroubled(page);
});

test('a plan is tried on the past, then set; what is wrong with it stands at its field', async (t) => {
  const page = await open(t, browser, '/plan', { token: owner });
  const [form, whatIf] = [region(page, 'New version'), region(page, 'What if?')];
  const attempt = () => whatIf.getByRole('button', { name: 'Try the new version on them' }).click();
  await form.getByLabel('Level 1, %').waitFor();
  await attempt();
  await whatIf.getByText('no change').waitFor();
  await form.getByLabel('Level 1, %').fill('10');
  await whatIf.getByText('The terms have changed since').waitFor();
  await attempt();
  await whatIf.getByRole('heading', { name: 'Who gains most' }).waitFor();
  const levels = whatIf.getByRole('table', { name: /^Commission by level/ });
  assert.equal(await levels.getByRole('row').count(), 3);

  await form.getByLabel('In force from').fill('2099-01-01');
  await form.getByRole('button', { name: 'Set this plan…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Set this plan?' });
  await dialog.getByText('10%, 1% of purchases above ₹1,000.00').waitFor();
  for (const term of ['On hold', 'At most', 'Rounding', 'Referrals']) await dialog.getByText(term, { exact: true }).waitFor();
  await accessible(page, 'with a plan to be confirmed');
  await dialog.getByRole('button', { name: 'Set the plan' }).click();
  await region(page, 'Versions').getByText('To come').waitFor();
  assert.deepEqual((await get('/api/plan/versions')).data[0].levels, ['10%', '1%']);
  assert.deepEqual((await get('/api/plan')).levels, ['5%', '1%'], 'until 2099');
  untroubled(page);

  await region(page, 'Versions').getByRole('button', { name: /^Withdraw…/ }).click();
  const withdrawing = page.getByRole('dialog', { name: /^Withdraw version \d+\?$/ });
  await accessible(page, 'with a plan to be withdrawn');
  await withdrawing.getByRole('button', { name: 'Withdraw' }).click();
  await page.getByText(/^Version \d+ is withdrawn\.$/).waitFor();
  await region(page, 'Versions').getByText('Withdrawn', { exact: true }).waitFor();
  assert.equal(await region(page, 'Versions').getByRole('button', { name: /^Withdraw…/ }).count(), 0);
  assert.notEqual((await get('/api/plan/versions')).data[0].withdrawn_at, null);
  await accessible(page, 'with a plan that was withdrawn');
  untroubled(page);

  await form.getByLabel('Days on hold').fill('400');
  await form.getByRole('button', { name: 'Set this plan…' }).click();
  await dialog.getByRole('button', { name: 'Set the plan' }).click();
  await form.getByText('0 to 365', { exact: false }).and(page.locator('.has-error .field-note')).waitFor();
  assert.equal(await form.getByLabel('Days on hold').getAttribute('aria-invalid'), 'true');
  await accessible(page, 'with a plan that is wrong');
});

test('the statement of a month adds up, is kept in the address, downloads and prints alone', async (t) => {
  const page = await open(t, browser, `/members/${star}/statement`, { token: member });
  const paper = page.getByRole('article');
  await paper.getByText('Closing balance').waitFor();
  await page.getByRole('button', { name: 'The month before' }).click();
  await page.waitForURL(/\?month=\d{4}-\d{2}$/);
  await page.reload();
  const month = new URL(page.url()).searchParams.get('month');
  const statement = await get(`/api/earnings/${star}/statement?month=${month}`);
  for (const [name, amount] of [
    ['Opening balance', statement.opening_balance],
    ['Commissions', statement.commissions],
    ['Closing balance', statement.closing_balance],
  ]) {
    assert.equal(await figure(paper, name).textContent(), rupees(amount), name);
  }
  await page.getByLabel('Lines').selectOption('Every entry');
  const lines = paper.getByRole('row');
  assert.equal(await lines.count(), 1 + statement.entries.length);

  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'CSV' }).click();
  const file = await readFile(await (await download).path(), 'utf8');
  assert.equal(file.trim().split('\n').length, 1 + statement.entries.length);

  await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
  await until(async () => !(await page.getByRole('banner').isVisible()), 'the bar is not printed');
  assert.ok(await paper.isVisible());
  assert.equal(await page.getByRole('button', { name: 'Print' }).isVisible(), false);
  const ink = await page.evaluate(() => getComputedStyle(document.body).color);
  assert.equal(ink, 'rgb(22, 32, 26)', 'dark ink, also from a dark page');
  untroubled(page);
});

test('the audit log says who did what, and opens what it was done to', async (t) => {
  const { purchase_id: id } = await sale('3000.00');
  await ask('POST', `/api/purchases/${id}/refunds`, { amount: '500.00' });
  const page = await open(t, browser, '/audit', { token: owner });
  const row = page.getByRole('row').filter({ hasText: `Purchase ${id}` });
  await row.getByText('₹500.00 refunded, ₹2,500.00 left').waitFor();
  await row.getByText('owner').waitFor();
  await row.getByRole('button').click();
  await page.getByRole('dialog', { name: `Purchase ${id}` }).getByRole('heading', { name: 'Refunds' }).waitFor();
  untroubled(page);
});

test('a member who opens the owner’s pages finds her own', async (t) => {
  for (const path of ['/payouts', '/plan', '/audit', '/members/2']) {
    const page = await open(t, browser, path, { token: member });
    await region(page, 'Totals').waitFor();
    assert.equal(await page.getByRole('navigation').count(), 0, path);
    untroubled(page, path);
  }
});

const PAGES = [
  {
    name: 'statement',
    path: () => `/members/${star}/statement`,
    token: member,
    // The first month is the shortest, and does not move.
    ready: async (page) => {
      const months = page.getByLabel('Month', { exact: true });
      await months.getByRole('option').nth(1).waitFor({ state: 'attached' });
      const first = await months.getByRole('option').last().textContent();
      await months.selectOption(first);
      await page.getByRole('article', { name: `Statement of ${first}` }).getByRole('table').waitFor();
    },
  },
  {
    name: 'payouts page',
    path: () => '/payouts',
    ready: async (page) => {
      await region(page, 'Due now').getByRole('status').waitFor();
      await region(page, 'Runs').getByRole('table').waitFor();
    },
  },
  {
    name: 'page of a payout run',
    path: () => `/payouts/${run.run_id}`,
    ready: (page) => region(page, 'Payouts').getByRole('table').waitFor(),
  },
  {
    name: 'plan page with a plan that is tried',
    path: () => '/plan',
    ready: async (page) => {
      await page.getByLabel('Level 2, %').fill('2.5');
      await page.getByRole('button', { name: 'Try the new version on them' }).click();
      await page.getByRole('heading', { name: 'Who gains most' }).waitFor();
    },
  },
  { name: 'audit log', path: () => '/audit', ready: (page) => page.getByRole('table').waitFor() },
  {
    name: 'member’s page as the owner sees it',
    path: () => `/members/${star}`,
    ready: async (page) => {
      await page.getByRole('button', { name: 'Adjust balance' }).waitFor();
      await isLive(page);
    },
  },
];

for (const { name, path, token = owner, ready } of PAGES) {
  test(`the ${name} is accessible and fits, in light and dark, wide and narrow`, (t) =>
    looksRight(t, browser, { name, path: path(), token, ready }));
}

const DIALOGS = [
  {
    name: 'explanation',
    path: () => '/',
    token: member,
    open: (page) => region(page, 'All entries').getByRole('button', { name: 'why?' }).first().click(),
    ready: (dialog) => dialog.getByText('Balance after').waitFor(),
  },
  {
    name: 'purchase',
    path: () => '/',
    open: (page) => region(page, 'Newest purchases').getByRole('button', { name: 'open purchase' }).first().click(),
    ready: (dialog) => dialog.getByText('Who earned').waitFor(),
  },
  {
    name: 'adjustment',
    path: () => `/members/${star}`,
    open: (page) => page.getByRole('button', { name: 'Adjust balance' }).click(),
    ready: (dialog) => dialog.getByLabel('Reason').waitFor(),
  },
];

for (const { name, path, token = owner, open: show, ready } of DIALOGS) {
  test(`the dialog of the ${name} is accessible and fits, in light and dark, wide and narrow`, (t) =>
    looksRight(t, browser, {
      name,
      path: path(),
      token,
      ready: async (page) => {
        await show(page);
        await ready(page.getByRole('dialog'));
      },
    }));
}
