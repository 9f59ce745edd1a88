import type { ReadonlySignal } from "@preact/signals";

interface Extendable {
  hasMore: boolean;
  loading: ReadonlySignal<boolean>;
  loadMore: () => Promise<void>;
}

/** The way to the next rows of a list, while there are any. */
export function LoadMore({ of }: { of: Extendable }) {
  if (!of.hasMore) return null;
  return (
    <button type="button" class="button load-more" disabled={of.loading.value} onClick={of.loadMore}>
      Load more
    </button>
  );
}
