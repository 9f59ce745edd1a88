import { effect } from "@preact/signals";

import { session } from "./session";

const kept = new Map<string, unknown>();

// What one session has loaded is nobody else's.
effect(() => {
  session.value;
  kept.clear();
});

/** What a page has loaded, kept while others are looked at, so that Back finds it as it was. */
export function keep<T>(name: string, make: () => T): T {
  if (!kept.has(name)) kept.set(name, make());
  return kept.get(name) as T;
}
