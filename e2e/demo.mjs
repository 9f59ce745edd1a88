// A demo of one's own, for what is run by hand: `npm run measure`, `npm run screenshots`.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const BINARY = process.env.BANYAN ?? fileURLToPath(new URL('../target/debug/banyan', import.meta.url));

/** Starts a demo; says where it is, with the tokens of its links, and how to stop it. */
export async function demo(rate) {
  const server = spawn(BINARY, ['demo', '--listen', '127.0.0.1:0', '--rate', String(rate)]);
  server.on('error', () => assert.fail(`${BINARY} cannot be started; build it by \`cargo build\``));
  let banner = '';
  for await (const part of server.stdout) {
    banner += part;
    if (banner.includes('Ctrl-C')) break;
  }
  const link = (person) => new RegExp(`${person} +(\\S+)/#token=(\\S+)`).exec(banner);
  const [, url, owner] = link('owner');
  const [, , member] = link('member');
  return { url, owner, member, stop: () => server.kill() };
}
