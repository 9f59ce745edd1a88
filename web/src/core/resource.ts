import { signal } from "@preact/signals";

import type { Page } from "./api";
import { Problem } from "./problem";
import { onSignIn, retryLater } from "./recovery";

/**
 * Something that is loaded: `data` stays through a failed or a running reload,
 * so that a page never loses what it has already shown.
 */
export class Resource<T> {
  readonly data = signal<T | null>(null);
  readonly problem = signal<Problem | null>(null);
  readonly loading = signal(false);
  readonly #load: () => Promise<T>;
  #latest = 0;

  constructor(load: () => Promise<T>) {
    this.#load = load;
  }

  /** Loads again. Of several loads at once, the one started last is kept. */
  reload = async (): Promise<void> => {
    const turn = ++this.#latest;
    this.loading.value = true;
    try {
      const loaded = await this.#load();
      if (turn !== this.#latest) return;
      this.data.value = loaded;
      this.problem.value = null;
    } catch (error) {
      if (turn !== this.#latest) return;
      const problem = asProblem(error);
      this.problem.value = problem;
      if (problem.passing) retryLater(this.reload, problem);
      if (problem.status === 401) onSignIn(this.reload);
    } finally {
      if (turn === this.#latest) this.loading.value = false;
    }
  };

  /** Changes what is there, if anything is. */
  update(change: (data: T) => T): void {
    const data = this.data.peek();
    if (data !== null) this.data.value = change(data);
  }
}

/** A list that is read page by page, newest first, and grows at its head by live events. */
export class Pages<T> extends Resource<Page<T>> {
  readonly #page: (cursor: string | null) => Promise<Page<T>>;

  constructor(page: (cursor: string | null) => Promise<Page<T>>) {
    super(() => page(null));
    this.#page = page;
  }

  get rows(): T[] {
    return this.data.value?.data ?? [];
  }

  get hasMore(): boolean {
    return this.data.value?.next_cursor != null;
  }

  loadMore = async (): Promise<void> => {
    const cursor = this.data.peek()?.next_cursor;
    if (cursor == null || this.loading.peek()) return;
    this.loading.value = true;
    try {
      const next = await this.#page(cursor);
      this.update((page) => ({ ...next, data: [...page.data, ...next.data] }));
      this.problem.value = null;
    } catch (error) {
      this.problem.value = asProblem(error);
    } finally {
      this.loading.value = false;
    }
  };

  /** Reads the first rows again, and keeps what was loaded below them where the two meet. */
  refresh = async (idOf: (row: T) => unknown): Promise<void> => {
    const before = this.data.peek();
    if (before === null) return this.reload();
    try {
      const first = await this.#page(null);
      const ids = new Set(first.data.map(idOf));
      const known = this.rows;
      const meeting = known.findLastIndex((row) => ids.has(idOf(row)));
      const below = meeting < 0 ? [] : known.slice(meeting + 1);
      const { next_cursor } = below.length === 0 ? first : (this.data.peek() ?? first);
      this.data.value = { data: [...first.data, ...below], next_cursor };
      this.problem.value = null;
    } catch (error) {
      this.problem.value = asProblem(error);
    }
  };

  prepend(row: T): void {
    this.update((page) => ({ ...page, data: [row, ...page.data] }));
  }

  updateRow(change: (row: T) => T): void {
    this.update((page) => ({ ...page, data: page.data.map(change) }));
  }
}

export function asProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  return new Problem({ title: "Something went wrong on this page", detail: String(error) });
}
