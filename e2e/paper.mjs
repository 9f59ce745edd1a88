// What is on a printed page.

import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** The text of each page of a PDF. */
export async function printed(pdf) {
  const folder = await mkdtemp(join(tmpdir(), 'banyan-paper-'));
  const file = join(folder, 'printed.pdf');
  await writeFile(file, pdf);
  const { stdout } = await promisify(execFile)('pdftotext', ['-layout', file, '-'], { maxBuffer: 2 ** 24 });
  await rm(folder, { recursive: true });
  return stdout.split('\f').filter((page) => page.trim() !== '');
}
