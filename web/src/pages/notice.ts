import { signal } from "@preact/signals";

/** Good news that outlives a change of page, until it is dismissed. */
export const notice = signal<string | null>(null);
