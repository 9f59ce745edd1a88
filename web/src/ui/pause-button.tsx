import type { Pausable } from "../live/pausable";
import { Icon } from "./icons";

/** Stops and goes on with a live list; says how much has come meanwhile. */
export function PauseButton({ list }: { list: Pausable<unknown> }) {
  const paused = list.paused.value;
  const waiting = list.waiting.value;
  return (
    <button type="button" class="button small quiet" aria-pressed={paused} onClick={list.toggle}>
      <Icon name={paused ? "play" : "pause"} />
      {paused && waiting > 0 ? `${waiting} new` : paused ? "Paused" : "Pause"}
    </button>
  );
}
