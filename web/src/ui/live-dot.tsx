import { useEffect, useRef } from "preact/hooks";

import { prefersReducedMotion } from "../core/device";
import { arrivals, type LiveStatus, liveStatus } from "../live/status";

const WORDS: Record<LiveStatus, string> = {
  connecting: "Connecting",
  live: "Live",
  reconnecting: "Reconnecting",
  offline: "Offline",
};
const BREATH_MS = 900;
/** A breath is drawn this often, where a smooth one would be sixty times a second. */
const BREATH_STEPS = 5;

/** Says whether the page is live; takes a breath when something has come in. */
export function LiveDot() {
  const dot = useRef<HTMLSpanElement>(null);
  const status = liveStatus.value;
  useEffect(
    () =>
      arrivals.subscribe((count) => {
        if (count === 0 || prefersReducedMotion() || document.hidden) return;
        dot.current?.animate([{ opacity: 1 }, { opacity: 0.3 }, { opacity: 1 }], {
          duration: BREATH_MS,
          easing: `steps(${BREATH_STEPS})`,
          pseudoElement: "::before",
        });
      }),
    [],
  );
  if (status === null) return null;
  return (
    <span ref={dot} class={`live-dot live-${status}`} role="status">
      {WORDS[status]}
    </span>
  );
}
