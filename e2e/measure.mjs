// What the pages cost: bytes, paint times, layout shift and processor shares,
// in Chromium over a demo. It reports and asserts nothing.

import { get } from 'node:http';
import { chromium } from 'playwright-core';
import { demo } from './demo.mjs';

const IDLE_MS = 10_000;
const LIVE_MS = 20_000;
/** Sales a second of the live demo. */
const RATE = 2;

const launch = () =>
  chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', chromiumSandbox: false,
    args: ['--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update'],
  });

const WATCH = () => {
  globalThis.shifts = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) globalThis.shifts += entry.value;
  }).observe({ type: 'layout-shift', buffered: true });
  new PerformanceObserver((list) => {
    globalThis.largest = list.getEntries().at(-1).startTime;
  }).observe({ type: 'largest-contentful-paint', buffered: true });
};

/** Seconds of processor that all processes of the browser have used. */
async function used(session) {
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  return processInfo.reduce((sum, { cpuTime }) => sum + cpuTime, 0);
}

async function share(session, ms) {
  const before = [await used(session), performance.now()];
  await new Promise((done) => setTimeout(done, ms));
  return ((await used(session)) - before[0]) / ((performance.now() - before[1]) / 1000);
}

/** How many bytes of it go over the wire to a browser that takes gzip. */
const gzipped = (address) =>
  new Promise((done, fail) => {
    get(address, { headers: { 'accept-encoding': 'gzip' } }, async (answer) => {
      let bytes = 0;
      for await (const part of answer) bytes += part.length;
      done(bytes);
    }).on('error', fail);
  });

const percent = (share) => `${(share * 100).toFixed(1)} %`;

async function look(server, name, path, token, ms) {
  const browser = await launch();
  const session = await browser.newBrowserCDPSession();
  const page = await (await browser.newContext({ baseURL: server.url, viewport: { width: 1280, height: 900 } })).newPage();
  await page.addInitScript(WATCH);
  await page.goto(`${path}${token ? `#token=${token}` : ''}`);
  await page.waitForTimeout(4_000);
  const first = await page.evaluate(() => ({
    paint: performance.getEntriesByName('first-contentful-paint')[0]?.startTime, largest: globalThis.largest,
  }));
  const scripts = await page.evaluate(() =>
    performance.getEntriesByType('resource').map(({ name }) => name).filter((name) => name.endsWith('.js')));
  let script = 0;
  for (const name of scripts) script += await gzipped(name);
  await page.evaluate(() => (globalThis.shifts = 0));
  const busy = await share(session, ms);
  const shifts = await page.evaluate(() => globalThis.shifts);
  console.log(
    `${name.padEnd(26)} first paint ${Math.round(first.paint)} ms, largest ${Math.round(first.largest)} ms, ` +
    `${(script / 1024).toFixed(0)} KB of script, processor ${percent(busy)}, layout shift ${shifts.toFixed(3)}`,
  );
  await browser.close();
}

const server = await demo(RATE);
const newcomer = await fetch(`${server.url}/api/users/register`, {
  method: 'POST', headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ name: 'Meera Iyer', email: 'meera.iyer@example.com' }),
}).then((answer) => answer.json());
await look(server, 'sign-in, idle', '/', null, IDLE_MS);
await look(server, 'newcomer, idle', '/', newcomer.token, IDLE_MS);
await look(server, 'payouts, idle', '/payouts', server.owner, IDLE_MS);
await look(server, `member, ${RATE} sales a second`, '/', server.member, LIVE_MS);
await look(server, `owner, ${RATE} sales a second`, '/', server.owner, LIVE_MS);
server.stop();
process.exit();
