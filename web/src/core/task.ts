import { signal } from "@preact/signals";
import { useMemo } from "preact/hooks";

import type { Problem } from "./http";
import { asProblem } from "./resource";

/** Something a visitor sends: whether it is under way, and why it did not go through. */
export class Task {
  readonly busy = signal(false);
  readonly problem = signal<Problem | null>(null);

  /** What the server found wrong with single fields, by field name. */
  get fields(): Readonly<Record<string, string>> {
    return this.problem.value?.fields ?? {};
  }

  /** Does the work, one at a time. What goes wrong is kept for the page to show. */
  run = async (work: () => Promise<void>): Promise<void> => {
    if (this.busy.peek()) return;
    this.busy.value = true;
    try {
      await work();
      this.problem.value = null;
    } catch (error) {
      this.problem.value = asProblem(error);
    } finally {
      this.busy.value = false;
    }
  };

  /** As the handler of a form, which is then not sent by the browser. */
  onSubmit = (work: () => Promise<void>) => (event: SubmitEvent) => {
    event.preventDefault();
    void this.run(work);
  };
}

export const useTask = () => useMemo(() => new Task(), []);
