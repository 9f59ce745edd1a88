import type { ComponentChildren } from "preact";

import type { Entry } from "../../core/api";
import { describeKind, KIND_WORDS, personName } from "../../words";

interface EntryNameProps {
  entry: Entry;
  onExplain: (entry: Entry) => void;
  children?: ComponentChildren;
}

/** Whose purchase it came from, and beneath it what kind of entry it is; opens why. */
export function EntryName({ entry, onExplain, children }: EntryNameProps) {
  const kind = KIND_WORDS[entry.kind];
  const under = entry.from_user === null ? (entry.reason ?? "") : describeKind(entry);
  return (
    <span class="entry-name">
      <button type="button" class="row-button" onClick={() => onExplain(entry)}>
        {entry.from_user === null ? kind : personName(entry.from_user, entry.from_user_id)}
        <span class="visually-hidden">, entry {entry.seq}: why?</span>
      </button>
      <small>
        {under !== "" && <span>{under}</span>}
        {children}
      </small>
    </span>
  );
}
