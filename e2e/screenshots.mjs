// Pictures of the pages for the README: `npm run screenshots -- FOLDER` in web/.

import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { chromium } from 'playwright-core';
import { demo } from './demo.mjs';

const folder = resolve(process.argv[2] ?? '../docs/screenshots');
/** Long enough for the figures and the charts to be there, in ms. */
const SETTLE_MS = 4_000;

const server = await demo(2);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', chromiumSandbox: false,
  args: ['--disable-gpu', '--no-first-run', '--disable-background-networking'],
});
await mkdir(folder, { recursive: true });
for (const [name, path, token, width, colorScheme] of [
  ['member', '/', server.member, 1280, 'light'],
  ['member-dark', '/', server.member, 1280, 'dark'],
  ['member-narrow', '/', server.member, 390, 'light'],
  ['owner', '/', server.owner, 1280, 'light'],
  ['owner-dark', '/', server.owner, 1280, 'dark'],
  ['payouts', '/payouts', server.owner, 1280, 'light'],
  ['plan', '/plan', server.owner, 1280, 'light'],
]) {
  const context = await browser.newContext({ baseURL: server.url, colorScheme, viewport: { width, height: 860 }, locale: 'en-IN' });
  const page = await context.newPage();
  await page.goto(`${path}#token=${token}`);
  await page.waitForTimeout(SETTLE_MS);
  const file = join(folder, `${name}.png`);
  await page.screenshot({ path: file });
  console.log(file);
  await context.close();
}
await browser.close();
server.stop();
process.exit();
