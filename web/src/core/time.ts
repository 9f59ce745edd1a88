import { signal } from "@preact/signals";

import type { Month, Timestamp } from "./api";

const DAY = new Intl.DateTimeFormat("en-IN", { day: "numeric", month: "short", year: "numeric" });
const MOMENT = new Intl.DateTimeFormat("en-IN", {
  day: "numeric",
  month: "short",
  year: "numeric",
  hour: "numeric",
  minute: "2-digit",
});
const CLOCK = new Intl.DateTimeFormat("en-IN", { hour: "numeric", minute: "2-digit" });
const UTC_MOMENT = new Intl.DateTimeFormat("en-IN", {
  day: "numeric",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
  timeZone: "UTC",
});
const MONTH = new Intl.DateTimeFormat("en-IN", { month: "long", year: "numeric", timeZone: "UTC" });
const RELATIVE = new Intl.RelativeTimeFormat("en", { numeric: "auto", style: "short" });

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** The time of day in ms, moved on often enough for "2 min. ago" to stay true. */
export const now = signal(Date.now());
setInterval(() => {
  now.value = Date.now();
}, 15_000);

export const formatDay = (at: Timestamp) => DAY.format(new Date(at));
/** When a plan came into force; the first one always was. */
export const formatSince = (at: Timestamp) =>
  Date.parse(at) === 0 ? "the beginning" : MOMENT.format(new Date(at));
export const formatMoment = (at: Timestamp) => MOMENT.format(new Date(at));

/** Within a month of a statement, whose months are UTC's. */
export const formatUtcMoment = (at: Timestamp) => UTC_MOMENT.format(new Date(at));

const UTC_DAY = new Intl.DateTimeFormat("en-IN", { day: "numeric", month: "short", timeZone: "UTC" });

export const formatUtcDay = (at: Timestamp) => UTC_DAY.format(new Date(at));

/** The day of a moment in UTC, as `2026-11-05`. */
export const dayInUtc = (at: Timestamp) => new Date(at).toISOString().slice(0, 10);

/** The month of a moment in UTC, as `2026-11`. */
export const monthOf = (ms: number): Month => new Date(ms).toISOString().slice(0, 7);

/** "November 2026". */
export const formatMonth = (month: Month) => MONTH.format(new Date(`${month}-01T00:00:00Z`));

/** Every month from the one of `first` to the one of `last`, newest first. */
export function monthsBetween(first: Month, last: Month): Month[] {
  const months: Month[] = [];
  for (const at = new Date(`${last}-01T00:00:00Z`); monthOf(at.getTime()) >= first; ) {
    months.push(monthOf(at.getTime()));
    at.setUTCMonth(at.getUTCMonth() - 1);
  }
  return months;
}

/** "just now", "5 min. ago", "3:20 pm", then the day. */
export function formatRecent(at: Timestamp): string {
  const age = now.value - Date.parse(at);
  if (age < MINUTE_MS) return "just now";
  if (age < HOUR_MS) return RELATIVE.format(-Math.floor(age / MINUTE_MS), "minute");
  if (Date.parse(at) >= startOfToday()) return CLOCK.format(new Date(at));
  return formatDay(at);
}

/** Midnight in the viewer's own zone, in ms. */
export function startOfToday(): number {
  return new Date(now.value).setHours(0, 0, 0, 0);
}
