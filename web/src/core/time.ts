import { signal } from "@preact/signals";

import type { Timestamp } from "./api";

const DAY = new Intl.DateTimeFormat("en-IN", { day: "numeric", month: "short", year: "numeric" });
const MOMENT = new Intl.DateTimeFormat("en-IN", {
  day: "numeric",
  month: "short",
  year: "numeric",
  hour: "numeric",
  minute: "2-digit",
});
const CLOCK = new Intl.DateTimeFormat("en-IN", { hour: "numeric", minute: "2-digit" });
const RELATIVE = new Intl.RelativeTimeFormat("en", { numeric: "auto", style: "short" });

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** The time of day in ms, moved on often enough for "2 min. ago" to stay true. */
export const now = signal(Date.now());
setInterval(() => {
  now.value = Date.now();
}, 15_000);

export const formatDay = (at: Timestamp) => DAY.format(new Date(at));
export const formatMoment = (at: Timestamp) => MOMENT.format(new Date(at));

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
