/**
 * Moments as people read them, in the time zone of the programme: its days and
 * months are the same for everybody who looks, wherever she is.
 */
import { signal } from "@preact/signals";

import type { Month, Timestamp } from "./api";

/** The time zone whose days count, by its IANA name. */
export const timeZone = signal("UTC");

const SHAPES = {
  day: { day: "numeric", month: "short", year: "numeric" },
  dayOfMonth: { day: "numeric", month: "short" },
  moment: { day: "numeric", month: "short", year: "numeric", hour: "numeric", minute: "2-digit" },
  named: {
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "numeric",
    minute: "2-digit",
    timeZoneName: "short",
  },
  clock: { hour: "numeric", minute: "2-digit" },
  line: { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" },
} satisfies Record<string, Intl.DateTimeFormatOptions>;

const MONTH = new Intl.DateTimeFormat("en-IN", { month: "long", year: "numeric", timeZone: "UTC" });
const CALENDAR_DAY = new Intl.DateTimeFormat("en-IN", { ...SHAPES.day, timeZone: "UTC" });
const RELATIVE = new Intl.RelativeTimeFormat("en", { numeric: "auto", style: "short" });

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** The time of day in ms, moved on often enough for "2 min. ago" to stay true. */
export const now = signal(Date.now());
setInterval(() => {
  now.value = Date.now();
}, 15_000);

const formats = new Map<string, Intl.DateTimeFormat>();

/** To make a format takes far longer than to use it. */
function format(at: Timestamp, shape: keyof typeof SHAPES, zone = timeZone.value): string {
  const key = `${shape} ${zone}`;
  let made = formats.get(key);
  if (!made) {
    made = new Intl.DateTimeFormat("en-IN", { ...SHAPES[shape], timeZone: zone });
    formats.set(key, made);
  }
  return made.format(new Date(at));
}

export const formatDay = (at: Timestamp) => format(at, "day");
/** When a plan came into force; the first one always was. */
export const formatSince = (at: Timestamp) => (Date.parse(at) === 0 ? "the beginning" : format(at, "moment"));
export const formatMoment = (at: Timestamp) => format(at, "moment");
/** With the name of the time zone, for whoever wants to be sure. */
export const formatNamed = (at: Timestamp) => format(at, "named");

/** A moment within the month of a statement, and a day of it, in the zone of that month. */
export const formatLine = (at: Timestamp, zone: string) => format(at, "line", zone);
export const formatDayOfMonth = (at: Timestamp, zone: string) => format(at, "dayOfMonth", zone);

/** The day of a moment in a zone, as `2026-11-05`. */
export function dayIn(zone: string, at: Timestamp | number): string {
  const parts = new Intl.DateTimeFormat("en-CA", { timeZone: zone }).formatToParts(new Date(at));
  const part = (type: string) => parts.find((each) => each.type === type)?.value ?? "";
  return `${part("year").padStart(4, "0")}-${part("month")}-${part("day")}`;
}

/** The month of this moment in a zone, as `2026-11`. */
export const monthNow = (zone: string): Month => dayIn(zone, now.peek()).slice(0, 7);

/** "November 2026". */
export const formatMonth = (month: Month) => MONTH.format(new Date(`${month}-01T00:00:00Z`));

/** A day that somebody picked, such as `2026-12-01`: "1 Dec 2026" everywhere. */
export const formatCalendarDay = (day: string) => CALENDAR_DAY.format(new Date(`${day}T00:00:00Z`));

/** "just now", "5 min. ago", "3:20 pm", then the day. */
export function formatRecent(at: Timestamp): string {
  const age = now.value - Date.parse(at);
  if (age < MINUTE_MS) return "just now";
  if (age < HOUR_MS) return RELATIVE.format(-Math.floor(age / MINUTE_MS), "minute");
  if (dayIn(timeZone.value, at) === dayIn(timeZone.value, now.value)) return format(at, "clock");
  return formatDay(at);
}
