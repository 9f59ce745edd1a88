import { signal } from "@preact/signals";

import { announce } from "../../core/announce";
import { Resource } from "../../core/resource";

/** Looks among many for the one that is named, and keeps what was looked for until the box is emptied. */
export class Finder<T> {
  /** What stands in the box. */
  readonly text = signal("");
  /** What was last looked for; null while the whole list is shown. */
  readonly wanted = signal<string | null>(null);
  readonly found: Resource<T[]>;

  constructor(find: (wanted: string) => Promise<T[]>) {
    this.found = new Resource(() => find(this.wanted.peek() ?? ""));
  }

  type = (text: string): void => {
    this.text.value = text;
    if (text.trim() === "") this.clear();
  };

  look = async (): Promise<void> => {
    const wanted = this.text.peek().trim();
    if (wanted === "") return;
    if (wanted !== this.wanted.peek()) this.found.data.value = null;
    this.wanted.value = wanted;
    await this.found.reload();
    const count = this.found.data.peek()?.length ?? 0;
    announce(count === 0 ? "Nothing found" : `${count} found`);
  };

  /** Looks again, where something is looked for. */
  refresh(): void {
    if (this.wanted.peek() !== null) void this.found.reload();
  }

  updateRow(change: (row: T) => T): void {
    this.found.update((rows) => rows.map(change));
  }

  clear = (): void => {
    this.text.value = "";
    this.wanted.value = null;
    this.found.data.value = null;
    this.found.problem.value = null;
  };
}
