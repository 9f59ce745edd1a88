/**
 * A table by printed pages. Not every browser can count them for a page, and
 * none says where it breaks: so each sheet gets as many lines as surely fit.
 */

export interface Paper<T> {
  /** What stands above the columns of every page. */
  running: string;
  /** How many lines a row takes. */
  linesOf: (row: T) => number;
}

/** Lines of a page of A4, and of the first one, which begins with the balances; some room is left. */
const LINES = 24;
const FIRST_LINES = 18;

export function sheetsOf<T>(rows: T[], linesOf: (row: T) => number): T[][] {
  const sheets: T[][] = [[]];
  let left = FIRST_LINES;
  for (const row of rows) {
    const lines = linesOf(row);
    if (lines > left) {
      sheets.push([]);
      left = LINES;
    }
    sheets.at(-1)?.push(row);
    left -= lines;
  }
  return sheets;
}
