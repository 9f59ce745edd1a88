/** Money stays a decimal string or whole hundredths; it is never a binary fraction. */
import { signal } from "@preact/signals";

import type { LevelKey, Money } from "./api";

/** What the programme counts in, once that is known. */
export const programmeCurrency = signal("INR");

const formats = new Map<string, Intl.NumberFormat>();

/** How numbers are grouped beside a currency: in lakhs and crores for rupees, else in thousands. */
export const localeOf = (currency: string) => (currency === "INR" ? "en-IN" : "en-US");

/** Every amount has two decimals; what browsers think a currency has is another matter. */
const TWO_DECIMALS = { minimumFractionDigits: 2, maximumFractionDigits: 2 };

function format(currency: string, sign: "auto" | "exceptZero"): Intl.NumberFormat {
  const key = `${currency} ${sign}`;
  let found = formats.get(key);
  if (!found) {
    const style = { style: "currency", currency, signDisplay: sign, ...TWO_DECIMALS } as const;
    found = new Intl.NumberFormat(localeOf(currency), style);
    formats.set(key, found);
  }
  return found;
}

/** `"123456.5"` → `₹1,23,456.50`, `€123,456.50`. `Intl` reads a decimal string exactly. */
export function formatMoney(amount: Money, currency: string): string {
  return withMinus(format(currency, "auto").format(amount as Intl.StringNumericLiteral));
}

/** As `formatMoney`, with a plus sign before what was gained. */
export function formatChange(amount: Money, currency: string): string {
  return withMinus(format(currency, "exceptZero").format(amount as Intl.StringNumericLiteral));
}

/** A minus as wide as the plus and the digits, where `Intl` writes a hyphen. */
const withMinus = (text: string) => text.replace("-", "\u2212");

/** What is counted in crores and lakhs, and what is counted in millions; browsers do not agree. */
const INDIAN_UNITS: Unit[] = [[1e7, "Cr"], [1e5, "L"], [1e3, "K"]];
const UNITS: Unit[] = [[1e9, "B"], [1e6, "M"], [1e3, "K"]];
type Unit = [size: number, suffix: string];

/** A sentence of the server with its amounts as the page writes them: `25000.00 INR` → `₹25,000.00`. */
export const withMoney = (sentence: string, currency: string) =>
  sentence.replace(/(?<![\d.])(\d+\.\d{2})(?!\d)(?: [A-Z]{3}\b)?/g, (_, amount: string) => formatMoney(amount, currency));

/** `₹12.3L`: for the axis of a chart, where the exact figure stands beside it. */
export function formatCompact(amount: number, currency: string): string {
  const units = currency === "INR" ? INDIAN_UNITS : UNITS;
  const [size, suffix] = units.find(([size]) => Math.abs(amount) >= size) ?? [1, ""];
  const format = new Intl.NumberFormat(localeOf(currency), {
    style: "currency",
    currency,
    maximumFractionDigits: 1,
    minimumFractionDigits: 0,
  });
  return withMinus(format.format(amount / size)) + suffix;
}

export function toMinor(amount: Money): bigint {
  const [whole = "0", fraction = ""] = amount.replace("-", "").split(".");
  const minor = BigInt(whole) * 100n + BigInt(fraction.padEnd(2, "0"));
  return amount.startsWith("-") ? -minor : minor;
}

export function fromMinor(minor: bigint): Money {
  const digits = (minor < 0n ? -minor : minor).toString().padStart(3, "0");
  return `${minor < 0n ? "-" : ""}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

export function add(left: Money, right: Money): Money {
  return fromMinor(toMinor(left) + toMinor(right));
}

export function subtract(left: Money, right: Money): Money {
  return fromMinor(toMinor(left) - toMinor(right));
}

export function negate(amount: Money): Money {
  return fromMinor(-toMinor(amount));
}

/** How people write amounts: `2500`, `2,500.00`, `1,50,000`, `₹ 1,50,000.00`, `€2,500`. */
export const AMOUNT_PATTERN = "\\s*\\p{Sc}?\\s*([0-9]{1,13}|[0-9]{1,3}(,[0-9]{2,3})*,[0-9]{3})(\\.[0-9]{1,2})?\\s*";
const AMOUNT = new RegExp(`^${AMOUNT_PATTERN}$`, "u");

/** Whether a text that is being typed is an amount already. */
export const isAmount = (text: string) => AMOUNT.test(text);

/** The amount as the API takes it, without what is there for the eye. */
export const plainAmount = (text: string): Money => (isAmount(text) ? text.replace(/[\s,\p{Sc}]/gu, "") : text.trim());

/** What is kept as a positive sum and was taken away, with its minus sign. */
export function taken(sum: Money): Money {
  return isZero(sum) ? sum : negate(sum);
}

export function isZero(amount: Money): boolean {
  return toMinor(amount) === 0n;
}

export function isNegative(amount: Money): boolean {
  return toMinor(amount) < 0n;
}

/** The share of `part` in `whole`, as `12.5%`. */
export function formatShare(part: Money, whole: Money): string {
  if (isZero(whole)) return "–";
  const share = Number(toMinor(part)) / Number(toMinor(whole));
  return new Intl.NumberFormat("en-IN", { style: "percent", maximumFractionDigits: 1 }).format(
    share,
  );
}

export interface LevelAmount {
  level: number;
  amount: Money;
}

/** `{level_1, level_2, …}` in order, however many levels the plan has. */
export function levelsOf(amounts: Record<LevelKey, Money>): LevelAmount[] {
  return Object.entries(amounts)
    .map(([key, amount]) => ({ level: Number(key.slice("level_".length)), amount }))
    .sort((left, right) => left.level - right.level);
}
