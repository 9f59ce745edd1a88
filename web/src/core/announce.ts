import { signal } from "@preact/signals";

/** What a screen reader is told next; shown by `Announcer`. */
export const announcement = signal("");

/** Live pages can change several times a second; nobody wants to hear that. */
const QUIET_MS = 5_000;
/** Long enough for the events of one purchase to be said together. */
const GATHER_MS = 300;

let waiting: string[] = [];
let timer: number | undefined;

/** Says `text` politely, at most once per five seconds, several at once as a count. */
export function announce(text: string): void {
  waiting.push(text);
  timer ??= window.setTimeout(flush, GATHER_MS);
}

function flush(): void {
  const [first = ""] = waiting;
  announcement.value = waiting.length > 1 ? `${waiting.length} live updates` : first;
  waiting = [];
  timer = window.setTimeout(() => {
    timer = undefined;
    if (waiting.length > 0) flush();
  }, QUIET_MS);
}
