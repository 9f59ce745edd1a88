// The programs in docs/live.md, run as they stand there.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, writeFile, symlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { api, buy, family, until, url } from './support.mjs';

const python = process.env.BANYAN_PYTHON;
const page = await readFile(new URL('../docs/live.md', import.meta.url), 'utf8');

/** The program of this name, as it stands on the page. */
const program = (name) => {
  const blocks = [...page.matchAll(/^```\w+\n([\s\S]*?)^```$/gm)].map(([, code]) => code);
  return blocks.find((code) => code.split('\n', 1)[0].includes(name)) ?? assert.fail(`${name} is not there`);
};

const PROGRAMS = {
  'follow.mjs': [process.execPath],
  ...(python && { 'follow.py': [python] }),
  'follow.sh': ['sh'],
};

for (const [name, command] of Object.entries(PROGRAMS)) {
  test(`${name} shows every line, and goes on when its token has ended`, async (t) => {
    const directory = await mkdtemp(join(tmpdir(), 'live-'));
    t.after(() => rm(directory, { recursive: true }));
    await writeFile(join(directory, name), program(name));
    await symlink(new URL('node_modules', import.meta.url).pathname, join(directory, 'node_modules'));
    const { mother, buyer } = await family();
    for (let line = 1; line <= 3; line += 1) await buy(buyer, '2000.00');
    const child = spawn(command[0], [name, url, String(mother.user_id)], { cwd: directory, stdio: ['ignore', 'pipe', 'inherit'] });
    t.after(() => child.kill());
    let shown = '';
    child.stdout.on('data', (bytes) => (shown += bytes));
    const lines = () => shown.split('\n').filter((line) => line.includes('new_earning')).map((line) => Number(/seq":(\d+)/.exec(line)?.[1] ?? line.split(' ')[1]));
    await until(() => lines().length >= 3, () => `it shows ${shown}`);
    await buy(buyer, '2000.00');
    await until(() => lines().length >= 4, () => `it shows ${shown}`);
    assert.deepEqual(lines(), [1, 2, 3, 4]);
    if (name === 'follow.sh') return;
    const { ended } = await api('POST', `/api/users/${mother.user_id}/sessions/end`, undefined);
    assert.ok(ended >= 1, `${ended} sessions ended`);
    await buy(buyer, '2000.00');
    await until(() => lines().length >= 5, () => `it shows ${shown}`);
    assert.deepEqual(lines(), [1, 2, 3, 4, 5]);
  });
}
