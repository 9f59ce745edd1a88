import { computed, type ReadonlySignal, signal } from "@preact/signals";

import type { Pages } from "../core/resource";

/** Beyond these nobody reads on one by one; they are counted as one more and read again, in rows. */
const MAX_WAITING = 500;

/** Why a list stands still: the reader said so, points at it, or has the focus in it. */
type Hold = "paused" | "pointer" | "focus";

/**
 * A list of fixed length whose newest rows come in at its head while the last
 * go out at its foot. While it is held nothing moves: what has come since is
 * counted, and shown when it is asked for.
 */
export class LiveRows<T> {
  readonly rows: ReadonlySignal<T[]>;
  /** How many rows have come since the list is held. */
  readonly waiting: ReadonlySignal<number>;
  readonly paused: ReadonlySignal<boolean>;
  readonly loading: ReadonlySignal<boolean>;
  readonly #source: Pages<T>;
  readonly idOf: (row: T) => number;
  readonly #step: number;
  readonly #length;
  readonly #holds = signal<ReadonlySet<Hold>>(new Set());
  /** The newest row that is shown; none while the list flows. */
  readonly #head = signal<number | null>(null);
  /** Rows at the foot were let go, so the cursor of the list leads past them. */
  #cut = false;

  constructor(source: Pages<T>, idOf: (row: T) => number, step: number) {
    this.#source = source;
    this.idOf = idOf;
    this.#step = step;
    this.#length = signal(step);
    this.waiting = computed(() => {
      const head = this.#head.value;
      return head === null ? 0 : Math.max(0, source.rows.findIndex((row) => idOf(row) === head));
    });
    this.rows = computed(() => {
      const from = this.waiting.value;
      return source.rows.slice(from, from + this.#length.value);
    });
    this.paused = computed(() => this.#holds.value.has("paused"));
    this.loading = source.loading;
  }

  get hasMore(): boolean {
    return this.waiting.value + this.#length.value < this.#source.rows.length || this.#source.hasMore;
  }

  /** Takes in a row that has just come, unless it is known. */
  arrive(row: T): void {
    const { rows } = this.#source;
    if (rows.some((known) => this.idOf(known) === this.idOf(row))) return;
    this.#source.prepend(row);
    // A page left open for a day must not hold a day of rows.
    const kept = this.waiting.peek() + this.#length.peek();
    if (rows.length < kept + MAX_WAITING) return;
    this.#cut = true;
    this.#source.update((page) => ({ ...page, data: page.data.slice(0, kept) }));
  }

  loadMore = async (): Promise<void> => {
    this.#length.value += this.#step;
    const wanted = this.waiting.peek() + this.#length.peek();
    if (this.#cut) await this.#source.reload();
    this.#cut = false;
    while (this.#source.rows.length < wanted && this.#source.hasMore) {
      const had = this.#source.rows.length;
      await this.#source.loadMore();
      if (this.#source.rows.length === had) return;
    }
  };

  hold = (why: Hold): void => {
    if (this.#holds.peek().size === 0) this.#stand();
    this.#holds.value = new Set(this.#holds.peek()).add(why);
  };

  release = (why: Hold): void => {
    const holds = new Set(this.#holds.peek());
    if (!holds.delete(why)) return;
    this.#holds.value = holds;
    if (holds.size === 0) this.#head.value = null;
  };

  /** Nobody points at it or has the focus in it; who paused it has not gone on. */
  letGo(): void {
    this.release("pointer");
    this.release("focus");
  }

  togglePause = (): void => {
    if (this.paused.peek()) this.release("paused");
    else this.hold("paused");
  };

  /** Shows what has come; a list that is held stays so from there on. */
  showNew = (): void => {
    this.#head.value = null;
    if (this.#holds.peek().size > 0) this.#stand();
  };

  #stand(): void {
    const newest = this.#source.rows[0];
    this.#head.value = newest === undefined ? null : this.idOf(newest);
  }
}
