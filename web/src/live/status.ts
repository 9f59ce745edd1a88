import { signal } from "@preact/signals";

export type LiveStatus = "connecting" | "live" | "reconnecting" | "offline";

/** Counts what has come in by the live connection. */
export const arrivals = signal(0);

/** The state of the page's live connection; null where a page has none. */
export const liveStatus = signal<LiveStatus | null>(null);
