import { useEffect, useRef } from "preact/hooks";

import { prefersReducedMotion } from "../core/device";
import { arrivals, type LiveStatus, liveStatus } from "../live/status";

const WORDS: Record<LiveStatus, string> = {
  connecting: "Connecting",
  live: "Live",
  reconnecting: "Reconnecting",
  offline: "Offline",
};
/** How long it is paler. It is switched, not animated: whatever moves keeps a core busy. */
const BREATH_MS = 300;

/** Says whether the page is live; takes a breath when something has come in. */
export function LiveDot() {
  const dot = useRef<HTMLSpanElement>(null);
  const status = liveStatus.value;
  useEffect(
    () =>
      arrivals.subscribe((count) => {
        if (count === 0 || prefersReducedMotion() || document.hidden) return;
        dot.current?.setAttribute("data-breath", "");
        setTimeout(() => dot.current?.removeAttribute("data-breath"), BREATH_MS);
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
