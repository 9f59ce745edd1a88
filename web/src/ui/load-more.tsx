import type { Pages } from "../core/resource";

/** The way to the next rows of a list, while there are any. */
export function LoadMore({ of }: { of: Pages<unknown> }) {
  if (!of.hasMore) return null;
  return (
    <button type="button" class="button load-more" disabled={of.loading.value} onClick={of.loadMore}>
      Load more
    </button>
  );
}
