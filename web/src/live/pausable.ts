import { computed, type ReadonlySignal, signal } from "@preact/signals";

/**
 * A live list that the reader can stop: while it is paused it shows what it
 * showed then, and counts what has come since.
 */
export class Pausable<T> {
  readonly rows: ReadonlySignal<T[]>;
  readonly waiting: ReadonlySignal<number>;
  readonly paused: ReadonlySignal<boolean>;
  readonly #frozen = signal<T[] | null>(null);

  constructor(source: ReadonlySignal<T[]>, idOf: (row: T) => unknown) {
    this.rows = computed(() => this.#frozen.value ?? source.value);
    this.paused = computed(() => this.#frozen.value !== null);
    this.waiting = computed(() => {
      const frozen = this.#frozen.value;
      if (frozen === null) return 0;
      const head = frozen[0];
      if (head === undefined) return source.value.length;
      return Math.max(0, source.value.findIndex((row) => idOf(row) === idOf(head)));
    });
    this.toggle = () => {
      this.#frozen.value = this.#frozen.peek() === null ? source.peek() : null;
    };
  }

  readonly toggle: () => void;
}
