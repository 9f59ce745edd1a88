import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

import { prefersReducedMotion } from "../core/device";
import type { LiveRows } from "../live/live-rows";
import { Icon } from "./icons";

/** How long. It is switched, not faded: whatever moves keeps a core busy. */
const GLOW_MS = 1_200;

interface LiveListProps<T> {
  list: LiveRows<T>;
  children: ComponentChildren;
}

/**
 * Holds the rows while somebody has the focus in them, and lets those glow that
 * have just come. The rows are keyed by their place: what
 * they say changes, and nothing on the page moves.
 */
export function LiveList<T>({ list, children }: LiveListProps<T>) {
  const area = useRef<HTMLDivElement>(null);
  useGlow(area, list.rows.value.map(list.idOf));
  const onBlur = (event: FocusEvent) => {
    const to = event.relatedTarget;
    // A dialog that a row has opened gives the focus back to it.
    if (to instanceof Element && (area.current?.contains(to) || to.closest("dialog"))) return;
    list.release("focus");
  };
  return (
    <div
      ref={area}
      class="live-list"
      onFocusIn={() => list.hold("focus")}
      onFocusOut={onBlur}
    >
      {children}
    </div>
  );
}

/** Shows what has come while the list is held. */
export function NewButton<T>({ list }: { list: LiveRows<T> }) {
  if (list.waiting.value === 0) return null;
  return (
    <button type="button" class="button small live-new" onClick={list.showNew}>
      {list.waiting.value} new
    </button>
  );
}

/** Stops and goes on with a live list; shows what has come meanwhile. */
export function LiveButtons<T>({ list }: { list: LiveRows<T> }) {
  const paused = list.paused.value;
  return (
    <span class="live-buttons">
      <NewButton list={list} />
      <button type="button" class="button small quiet" aria-pressed={paused} onClick={list.togglePause}>
        <Icon name={paused ? "play" : "pause"} />
        {paused ? "Paused" : "Pause"}
      </button>
    </span>
  );
}

function useGlow(area: { current: HTMLElement | null }, ids: number[]): void {
  const known = useRef<ReadonlySet<number> | null>(null);
  useEffect(() => {
    const before = known.current;
    known.current = new Set(ids);
    if (before === null || document.hidden || prefersReducedMotion()) return;
    const fresh = ids.findIndex((id) => before.has(id));
    const rows = area.current?.querySelectorAll("tbody > tr, ul > li") ?? [];
    for (const [place, row] of rows.entries()) row.toggleAttribute("data-fresh", place < fresh);
    const fade = () => {
      for (const row of rows) row.removeAttribute("data-fresh");
    };
    const timer = setTimeout(fade, GLOW_MS);
    return () => {
      clearTimeout(timer);
      fade();
    };
  }, [ids[0]]);
}
