// A real Chromium, and pages that report everything that goes wrong in them.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';
import { url } from './support.mjs';

const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

const FLAGS = [
  '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
];

/** How Chromium tells of a WebSocket whose page was left before it was open. */
const GIVEN_UP = 'WebSocket is closed before the connection is established.';

/** A browser with a new profile and no sandbox of its own, which root may not have. */
export const launch = () =>
  chromium.launch({ executablePath: process.env.CHROMIUM, args: FLAGS, chromiumSandbox: false });

const LOOKS = [
  { colorScheme: 'light', width: 1280 },
  { colorScheme: 'dark', width: 1280 },
  { colorScheme: 'light', width: 360 },
  { colorScheme: 'dark', width: 360 },
  { colorScheme: 'dark', width: 1280, forcedColors: 'active' },
];

/** A page with a session of its own, at this address, signed in by the link that holds this token. */
export async function open(t, browser, path, how = {}) {
  const {
    token, colorScheme = 'light', width = 1280, reducedMotion = 'reduce', forcedColors = 'none', at = url, timezoneId,
  } = how;
  const context = await browser.newContext({
    baseURL: at, colorScheme, viewport: { width, height: 900 }, reducedMotion, forcedColors, locale: 'en-IN', timezoneId,
  });
  t.after(() => context.close());
  await context.addInitScript({ path: axe });
  await context.addInitScript(() => {
    addEventListener('securitypolicyviolation', (event) => {
      console.error(`content security policy: ${event.violatedDirective} forbids ${event.blockedURI}`);
    });
  });
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  page.trouble = [];
  // What is under way when a page is left is given up, a socket that is still opening too.
  page.on('console', (message) => {
    const isTrouble = ['error', 'warning'].includes(message.type());
    if (isTrouble && !message.text().endsWith(GIVEN_UP)) page.trouble.push(message.text());
  });
  page.on('pageerror', (error) => page.trouble.push(String(error)));
  page.on('requestfailed', (request) => {
    const failure = request.failure()?.errorText;
    if (failure !== 'net::ERR_ABORTED') page.trouble.push(`${request.url()}: ${failure}`);
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(at) && !request.url().startsWith('data:')) {
      page.trouble.push(`a request to somewhere else: ${request.url()}`);
    }
  });
  await page.goto(token ? `${path}#token=${token}` : path);
  return page;
}

/** Passes when the page has no violation that axe knows of. */
export async function accessible(page, where) {
  const { violations, passes } = await page.evaluate(() => globalThis.axe.run());
  const told = violations.map(({ id, help, nodes }) => [`${id}: ${help}`, ...nodes.map((node) => node.html)]);
  assert.deepEqual(told, [], where);
  assert.ok(passes.length > 10, `${where}: axe looked at something`);
}

/** Passes when nothing sticks out on the right. */
export async function fits(page, where) {
  const [content, screen] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(content <= screen, `${where}: ${content} px on a screen of ${screen} px`);
}

/** Passes when nothing was logged, refused or asked of anybody else. */
export const untroubled = (page, where) => assert.deepEqual(page.trouble, [], where);

/** Passes when a page is accessible, fits and is untroubled in light and dark, wide and narrow. */
export async function looksRight(t, browser, { name, path, token, ready }) {
  const backgrounds = new Set();
  for (const look of LOOKS) {
    const where = `${name}, ${look.forcedColors ? 'forced colours' : look.colorScheme}, ${look.width} px`;
    const page = await open(t, browser, path, { token, ...look });
    await ready(page);
    await accessible(page, where);
    await fits(page, where);
    untroubled(page, where);
    // The reader's own colours are neither.
    if (!look.forcedColors) backgrounds.add(await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor));
    await page.close();
  }
  assert.equal(backgrounds.size, 2, `light and dark differ: ${[...backgrounds]}`);
}

/** The part of a page under this heading. */
export const region = (page, name) => page.getByRole('region', { name, exact: true });

/** Opens a purchase from the owner's list, which stands still under the pointer. */
export async function openPurchase(page, id) {
  const purchases = region(page, 'Newest purchases');
  await purchases.hover({ position: { x: 200, y: 100 } });
  const row = purchases.getByRole('button', { name: new RegExp(`open purchase ${id}$`) });
  await purchases.getByRole('button', { name: 'Load more' }).waitFor();
  for (let more = 0; more < 5 && (await row.count()) === 0; more += 1) {
    await purchases.getByRole('button', { name: 'Load more' }).click();
    await row.waitFor({ timeout: 2_000 }).catch(() => undefined);
  }
  await row.click();
  return page.getByRole('dialog', { name: `Purchase ${id}` });
}

export const isLive = (page) => page.getByRole('status').filter({ hasText: /^Live$/ }).waitFor();

/** Waits until the page shows what the API says; both move while the demo lives. */
export async function agrees(read, expected, what) {
  let seen;
  for (const end = Date.now() + 20_000; Date.now() < end; ) {
    seen = [await read(), await expected()];
    if (seen[0] === seen[1]) return;
  }
  assert.fail(`${what}: the page says ${seen[0]}, the API ${seen[1]}`);
}

/** The figure under this name. */
export const figure = (region, name) => region.locator(`div:has(> dt:has-text("${name}")) > dd`).first();

/** `"123456.50"` as the page writes it. */
export const rupees = (amount) =>
  new Intl.NumberFormat('en-IN', { style: 'currency', currency: 'INR' }).format(amount).replace('-', '\u2212');
