/** What could not be reached is tried again by itself. */

/** How often, while nothing says that the network is back, in ms. */
const RETRY_MS = 5_000;

const waiting = new Set<() => Promise<void>>();
let timer: number | undefined;

/** Tries again when the network is back, and every few seconds while the page is looked at. */
export function retryLater(attempt: () => Promise<void>): void {
  waiting.add(attempt);
  timer ??= window.setInterval(() => {
    if (!document.hidden) retry();
  }, RETRY_MS);
}

function retry(): void {
  const attempts = [...waiting];
  waiting.clear();
  clearInterval(timer);
  timer = undefined;
  // Whoever fails again comes back by itself.
  for (const attempt of attempts) void attempt();
}

addEventListener("online", retry);
