import type { ReadonlySignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";

import { Button } from "./button";

interface Extendable {
  hasMore: boolean;
  loading: ReadonlySignal<boolean>;
  loadMore: () => Promise<void>;
}

/** The way to the next rows of a list, while there are any. */
export function LoadMore({ of }: { of: Extendable }) {
  const place = useRef<HTMLDivElement>(null);
  const used = useRef(false);
  useLayoutEffect(() => {
    // The last rows are there: the button that had the focus is gone.
    if (!of.hasMore && used.current) place.current?.focus({ preventScroll: true });
    used.current = used.current && of.hasMore;
  }, [of.hasMore]);
  const load = () => {
    used.current = true;
    void of.loadMore();
  };
  return (
    <div ref={place} tabIndex={-1} class="load-more-place">
      {of.hasMore && (
        <Button class="button load-more" off={of.loading.value} onClick={load}>
          Load more
        </Button>
      )}
    </div>
  );
}
