// Firefox (WebDriver BiDi) and WebKitGTK (WebDriver) behind the few things that
// a person does: go somewhere, point and click, type, look.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sleep, until, within } from './support.mjs';

const WIDTH = 1280;
const HEIGHT = 900;
/** How long a browser may take to start, in ms. */
const START_MS = 60_000;

/** Key names as WebDriver codes them. */
const KEYS = { Enter: '\uE007', Escape: '\uE00C', Tab: '\uE004' };

/** A Firefox window with a profile of its own. */
export async function firefox(t) {
  const { default: puppeteer } = await import('puppeteer-core');
  const browser = await puppeteer.launch({
    browser: 'firefox', executablePath: process.env.FIREFOX, headless: true, timeout: START_MS,
    defaultViewport: { width: WIDTH, height: HEIGHT },
  });
  t.after(() => browser.close());
  const page = await browser.newPage();
  return {
    goto: (to) => page.goto(to),
    evaluate: (look, ...values) => page.evaluate(look, ...values),
    clickAt: (x, y) => page.mouse.click(x, y),
    type: (text) => page.keyboard.type(text),
    press: (key) => page.keyboard.press(key),
    pdf: async () => Buffer.from(await page.pdf({ format: 'a4', preferCSSPageSize: true })),
    picture: async () => Buffer.from(await page.screenshot()),
  };
}

/** A WebKitGTK window; it needs a display, which is a virtual one. */
export async function webkit(t) {
  const display = await virtualDisplay(t);
  const port = await freePort();
  const home = await mkdtemp(join(tmpdir(), 'banyan-webkit-'));
  const driver = spawn(process.env.WEBKIT_DRIVER, [`--port=${port}`], {
    stdio: 'ignore',
    env: { PATH: process.env.PATH, HOME: home, XDG_RUNTIME_DIR: home, DISPLAY: display, LIBGL_ALWAYS_SOFTWARE: '1' },
  });
  const at = `http://127.0.0.1:${port}`;
  await until(() => fetch(`${at}/status`).then(({ ok }) => ok, () => false), 'the driver of WebKit starts', START_MS);
  const { sessionId } = await command('POST', `${at}/session`, {
    capabilities: {
      alwaysMatch: {
        'webkitgtk:browserOptions': { binary: process.env.WEBKIT, args: ['--automation', '--private'] },
      },
    },
  });
  const session = `${at}/session/${sessionId}`;
  t.after(async () => {
    await command('DELETE', session).catch(() => undefined);
    driver.kill();
    await rm(home, { recursive: true, force: true, maxRetries: 5 });
  });
  const ask = (method, path, body) => command(method, session + path, body);
  await ask('POST', '/window/rect', { x: 0, y: 0, width: WIDTH, height: HEIGHT });
  const keys = (text) =>
    ask('POST', '/actions', {
      actions: [{
        type: 'key', id: 'keyboard',
        actions: [...text].flatMap((value) => ['keyDown', 'keyUp'].map((type) => ({ type, value }))),
      }],
    });
  return {
    goto: (to) => ask('POST', '/url', { url: to }),
    evaluate: (look, ...values) =>
      ask('POST', '/execute/sync', { script: `return (${look})(...arguments)`, args: values }),
    clickAt: (x, y) =>
      ask('POST', '/actions', {
        actions: [{
          type: 'pointer', id: 'mouse', parameters: { pointerType: 'mouse' },
          actions: [
            { type: 'pointerMove', duration: 0, x: Math.round(x), y: Math.round(y), origin: 'viewport' },
            { type: 'pointerDown', button: 0 },
            { type: 'pointerUp', button: 0 },
          ],
        }],
      }),
    type: keys,
    press: (key) => keys(KEYS[key]),
    picture: async () => Buffer.from(await ask('GET', '/screenshot'), 'base64'),
  };
}

/** What the driver answers; an error of its own is a failure. */
async function command(method, at, body) {
  const response = await fetch(at, { method, body: body && JSON.stringify(body) });
  const { value } = await response.json();
  if (!response.ok) throw new Error(`${method} ${at}: ${value.error}: ${value.message}`);
  return value;
}

/** An X server without a screen; it names the display that it has found free. */
async function virtualDisplay(t) {
  const server = spawn(process.env.XVFB, ['-displayfd', '3', '-screen', '0', `${WIDTH + 20}x${HEIGHT + 100}x24`], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  t.after(() => server.kill());
  const [number] = await within(once(server.stdio[3], 'data'), 'a virtual display', START_MS);
  return `:${String(number).trim()}`;
}

async function freePort() {
  const server = createServer();
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

/** What a person does in a window: finds a thing by its role and name, and points at it. */
export class Person {
  constructor(window) {
    this.window = window;
  }

  open = (to) => this.window.goto(to);

  /** Waits until somebody would find it, and says where its middle is. */
  async find(selector, name = '', patience = 20_000) {
    const looking = Date.now() + patience;
    for (;;) {
      const found = await this.window.evaluate(look, selector, name);
      if (found) return found;
      if (Date.now() > looking) throw new Error(`nobody finds ${selector} “${name}”`);
      await sleep(50);
    }
  }

  /** Points at the middle of it and clicks; what lies over it is what is clicked. */
  async click(selector, name) {
    await this.window.clickAt(...(await this.still(selector, name)));
  }

  /** Where the middle of a thing is that has stopped moving and can be used. */
  async still(selector, name) {
    let before = null;
    for (let looks = 0; looks < 200; looks += 1) {
      const { x, y, off } = await this.find(selector, name);
      if (!off && before?.x === x && before.y === y) return [x, y];
      before = { x, y };
      await sleep(100);
    }
    throw new Error(`${selector} “${name}” moves on, or cannot be used`);
  }

  async fill(selector, text) {
    await this.click(selector);
    await this.window.evaluate(() => document.activeElement.select());
    await this.window.type(text);
  }

  press = (key) => this.window.press(key);

  see = (look, ...values) => this.window.evaluate(look, ...values);

  async gone(selector) {
    await until(() => this.see((selector) => document.querySelector(selector) === null, selector), `${selector} goes`);
  }
}

/** Runs in the page: the first visible element of this kind whose text begins so, brought into view. */
function look(selector, name) {
  const nameOf = (element) => (element.getAttribute('aria-label') ?? element.textContent).trim();
  const found = [...document.querySelectorAll(selector)].find(
    (element) => element.checkVisibility() && nameOf(element).startsWith(name),
  );
  if (!found) return null;
  found.scrollIntoView({ block: 'center', behavior: 'instant' });
  const { left, top, width, height } = found.getBoundingClientRect();
  const off = found.getAttribute('aria-disabled') === 'true';
  return { x: left + width / 2, y: top + height / 2, text: found.textContent, off };
}
