// Clients of every kind as processes of their own, each behind a proxy that can be
// cut, and the servers that they follow a member's ledger on.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { api, cuttable, home, sleep, until } from './support.mjs';

const python = process.env.BANYAN_PYTHON;

/** The clients that must work, and how each is started. */
export const CLIENTS = {
  'js 3.1': [process.execPath, 'follower.mjs', 'socket.io-client-3.1'],
  'js 4.6.1': [process.execPath, 'follower.mjs', 'socket.io-client-4.6.1'],
  'js 4.8.1': [process.execPath, 'follower.mjs', 'socket.io-client-4.8.1'],
  'js newest': [process.execPath, 'follower.mjs', 'socket.io-client'],
  ...(python && { 'python sync': [python, 'follower.py', 'sync'], 'python async': [python, 'follower.py', 'async'] }),
};

/** The same, but for Python in loops of its own: see `follower.py`. */
export const LASTING_CLIENTS = {
  ...Object.fromEntries(Object.entries(CLIENTS).filter(([kind]) => kind.startsWith('js'))),
  ...(python && { 'python sync': [python, 'follower.py', 'sync-loop'] }),
  ...(python && { 'python async': [python, 'follower.py', 'async-loop'] }),
};

export const TRANSPORTS = ['polling', 'websocket', 'polling+websocket'];

/** The servers by number: those that are up, and how to stop one and start it again. */
export class Servers {
  constructor() {
    const urls = process.env.BANYAN_URLS.split(' ');
    const processes = process.env.BANYAN_PROCESSES.split(' ').map(Number);
    this.nodes = urls.map((url, number) => ({ url, process: processes[number], up: true }));
  }

  /** The address of this server, or of another while it is away. */
  at(number) {
    const nodes = this.nodes.slice(number % this.nodes.length).concat(this.nodes);
    return (nodes.find(({ up }) => up) ?? nodes[0]).url;
  }

  /** Where a client goes: to one server until that is away, as behind a sticky proxy. */
  sticky(number) {
    let url = this.at(number);
    return () => {
      if (!this.nodes.find((node) => node.url === url).up) url = this.at(number);
      return url;
    };
  }

  /** Stops a server and waits until it has ended. */
  async stop(number, signal = 'SIGTERM') {
    const node = this.nodes[number];
    node.up = false;
    process.kill(node.process, signal);
    // Whoever started it may not have asked yet how it ended.
    const gone = () => !existsSync(`/proc/${node.process}`) || /\) Z/.test(readFileSync(`/proc/${node.process}/stat`, 'utf8'));
    await until(gone, `server ${number} does not end`);
  }

  /** Starts a server again, on its address. */
  async start(t, number) {
    const node = this.nodes[number];
    node.child = spawn(process.env.BANYAN_PROGRAM, ['serve', '--listen', new URL(node.url).host], {
      env: { ...home, BANYAN_LOG: 'error' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    t.after(() => node.child.kill('SIGKILL'));
    await once(node.child.stdout, 'data');
    node.child.stdout.resume();
    node.process = node.child.pid;
    node.up = true;
  }
}

/** Starts a client that follows a member's ledger. Its `target` names the server, anew for each connection. */
export async function follower(t, kind, transports, target, { user_id, token }, kinds = CLIENTS) {
  const { at, cut } = await cuttable(t, target);
  const child = spawn(kinds[kind][0], [...kinds[kind].slice(1), transports, at, String(user_id), token], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  const self = { name: `${kind} by ${transports}`, child, cut, seqs: [], told: [], joins: 0, errors: [] };
  createInterface({ input: child.stdout }).on('line', (text) => {
    const line = JSON.parse(text);
    if (line.seq) self.seqs.push(line.seq);
    else if (line.joined) self.joins += 1;
    else self.told.push(line);
    if (line.error || line.joined?.ok === false) self.errors.push(line);
  });
  return self;
}

/** Sends purchases, each until it is acknowledged, from as many hands as `at_once`, until told to stop. */
export function shop(servers, buyer, { atOnce = 4, pause = 0 } = {}) {
  let done = false;
  let bought = 0;
  const buyForSure = async () => {
    const purchase = { user_id: buyer.user_id, amount: '2000.00', reference: randomUUID() };
    for (let attempt = bought; ; attempt += 1) {
      try {
        return await api('POST', '/api/purchases', purchase, { at: servers.at(attempt) });
      } catch (error) {
        // Away, or stopping.
        if (error instanceof assert.AssertionError && !/ 503 /.test(error.message)) throw error;
        await sleep(10);
      }
    }
  };
  const hands = Array.from({ length: atOnce }, async () => {
    for (; !done; bought += 1) {
      await buyForSure();
      if (pause) await sleep(pause);
    }
  });
  return {
    get bought() {
      return bought;
    },
    async close() {
      done = true;
      await Promise.all(hands);
      return bought;
    },
  };
}

/** What is wrong with the lines that a client was handed: lost, doubled or out of order. */
export function faults({ seqs }, bought) {
  const seen = new Set(seqs);
  const lost = Array.from({ length: bought }, (_, index) => index + 1).filter((seq) => !seen.has(seq)).length;
  const unordered = seqs.filter((seq, index) => index > 0 && seq < seqs[index - 1]).length;
  return { lost, doubled: seqs.length - seen.size, unordered };
}

/**
 * Waits until each has every line, for as long as lines arrive, and checks that it has
 * each once and in order.
 */
export async function haveAll(followers, bought, patience) {
  // Cheap, for the proxies of the clients wait meanwhile; what is doubled is found below.
  const behind = () => followers.filter(({ seqs }) => seqs.length < bought);
  const lines = () => followers.reduce((sum, { seqs }) => sum + seqs.length, 0);
  const tell = () => behind().map((one) => `${one.name}: ${one.seqs.length} of ${bought}, ${JSON.stringify(one.told.slice(-5))}`).join('\n');
  while (behind().length > 0) {
    const before = lines();
    await until(() => lines() > before || behind().length === 0, tell, patience);
  }
  await sleep(300);
  for (const one of followers) {
    assert.deepEqual(faults(one, bought), { lost: 0, doubled: 0, unordered: 0 }, one.name);
    assert.deepEqual(one.errors, [], one.name);
  }
}
