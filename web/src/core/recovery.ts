/** What could not be reached is tried again by itself. */
import { signal } from "@preact/signals";

import type { Problem } from "./problem";

/** How often, while nothing says that the network is back, in ms. */
const RETRY_MS = 5_000;

/** Why parts of the page are not there or not new, said once for all of them. */
export const away = signal<Problem | null>(null);

const waiting = new Set<() => Promise<void>>();
let timer: number | undefined;

/** Tries again when the network is back, and every few seconds while the page is looked at. */
export function retryLater(attempt: () => Promise<void>, problem?: Problem): void {
  waiting.add(attempt);
  if (problem) away.value = problem;
  timer ??= window.setInterval(() => {
    if (!document.hidden) void retryNow();
  }, RETRY_MS);
}

/** Tries again when somebody has signed in again over the page. */
export const onSignIn = (attempt: () => Promise<void>): void => {
  waiting.add(attempt);
};

export async function retryNow(): Promise<void> {
  const attempts = [...waiting];
  waiting.clear();
  clearInterval(timer);
  timer = undefined;
  // Whoever fails again comes back by itself.
  await Promise.all(attempts.map((attempt) => attempt()));
  if (waiting.size === 0) away.value = null;
}

addEventListener("online", () => void retryNow());
