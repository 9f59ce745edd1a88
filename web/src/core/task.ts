import { signal } from "@preact/signals";
import { useMemo } from "preact/hooks";

import type { Problem } from "./problem";
import { asProblem } from "./resource";

/** Something a visitor sends: whether it is under way, and why it did not go through. */
export class Task {
  readonly busy = signal(false);
  readonly problem = signal<Problem | null>(null);
  readonly #names: readonly string[];

  /** Of a form that has these fields. */
  constructor(names: readonly string[]) {
    this.#names = names;
  }

  /** What is wrong with single fields, by field name. */
  get fields(): Readonly<Record<string, string>> {
    return this.problem.value?.fields ?? {};
  }

  /** Whether all that is wrong stands at the fields of the form. */
  get marked(): boolean {
    return this.problem.value?.isAt(this.#names) ?? false;
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
  onSubmit = (work: () => Promise<void>) => async (event: SubmitEvent) => {
    event.preventDefault();
    await this.run(work);
    if (this.marked) leadToMark();
  };
}

export const useTask = (...names: string[]) => useMemo(() => new Task(names), []);

/** Takes the focus to the first field that is marked, in the dialog that is open if one is. */
function leadToMark(): void {
  // A dialog that closes gives the focus back one frame later.
  requestAnimationFrame(() =>
    requestAnimationFrame(() => {
      const place = document.querySelector("dialog") ?? document;
      place.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
    }),
  );
}
