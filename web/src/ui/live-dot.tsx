import { type LiveStatus, liveStatus } from "../live/status";

const WORDS: Record<LiveStatus, string> = {
  connecting: "Connecting",
  live: "Live",
  reconnecting: "Reconnecting",
  offline: "Offline",
};

export function LiveDot() {
  const status = liveStatus.value;
  if (status === null) return null;
  return (
    <span class={`live-dot live-${status}`} role="status">
      {WORDS[status]}
    </span>
  );
}
