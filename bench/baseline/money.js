// Money is in paise, so that no sum is ever rounded.

const AMOUNT = /^(\d{1,13})(?:\.(\d{1,2}))?$/;

/** Paise of "2500", "2500.5" or 2500.5; null for what is no amount above zero. */
export function paise(amount) {
  const found = AMOUNT.exec(String(amount));
  const value = found && Number(found[1]) * 100 + Number((found[2] ?? '').padEnd(2, '0'));
  return value && Number.isSafeInteger(value) ? value : null;
}

export const decimal = (value) => `${Math.floor(value / 100)}.${String(value % 100).padStart(2, '0')}`;
