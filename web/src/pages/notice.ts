import { effect, signal } from "@preact/signals";

import { session } from "../core/session";

/** Good news that outlives a change of page, until it is dismissed. */
export const notice = signal<string | null>(null);

// What was said to one person is not for the next.
let whose = session.peek();
effect(() => {
  if (session.value !== whose && whose !== null) notice.value = null;
  whose = session.value;
});
