import type { ComponentChildren } from "preact";

import type { Entry } from "../../core/api";
import { KIND_WORDS } from "../../words";

/** Whose purchase it came from, and beneath it what kind of entry it is. */
export function EntryName({ entry, children }: { entry: Entry; children?: ComponentChildren }) {
  const kind = KIND_WORDS[entry.kind];
  const level = entry.level === null ? "" : `, level ${entry.level}`;
  return (
    <span class="entry-name">
      {entry.from_user ?? kind}
      <small>
        {entry.from_user === null ? "" : `${kind}${level}`}
        {children}
      </small>
    </span>
  );
}
