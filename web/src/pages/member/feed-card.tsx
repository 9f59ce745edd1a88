import { computed } from "@preact/signals";
import { useMemo } from "preact/hooks";

import type { Entry } from "../../core/api";
import { Pausable } from "../../live/pausable";
import { Card } from "../../ui/card";
import { PauseButton } from "../../ui/pause-button";
import { clickRowButton } from "../../ui/row";
import { Empty, Loaded, Skeleton } from "../../ui/states";
import { Time } from "../../ui/time";
import type { MemberBook } from "./book";
import { EntryAmount } from "./entry-amount";
import { EntryName } from "./entry-name";
import { KindMark } from "./kind-mark";

const SHOWN = 10;

/** The newest entries, sliding in as they are made. */
export function FeedCard({ book }: { book: MemberBook }) {
  const list = useMemo(
    () => new Pausable(computed(() => book.entries.rows), (entry) => entry.seq),
    [book],
  );
  return (
    <Card title="Happening now" class="feed-card" aside={<PauseButton list={list} />}>
      <Loaded of={book.entries} onRetry={book.retry} skeleton={<Skeleton rows={SHOWN} tall />}>
        {() =>
          list.rows.value.length === 0 ? (
            <Empty title="Nothing has happened yet">
              Share the link above. The first commission shows here the moment it is earned.
            </Empty>
          ) : (
            <ul class="feed" onClick={clickRowButton}>
              {list.rows.value.slice(0, SHOWN).map((entry) => (
                <FeedRow
                  key={entry.seq}
                  entry={entry}
                  book={book}
                  currency={book.earnings.data.value?.currency ?? ""}
                />
              ))}
            </ul>
          )
        }
      </Loaded>
    </Card>
  );
}

interface FeedRowProps {
  entry: Entry;
  book: MemberBook;
  currency: string;
}

function FeedRow({ entry, book, currency }: FeedRowProps) {
  return (
    <li class={entry.seq > book.firstSeq ? "feed-row is-new" : "feed-row"}>
      <KindMark kind={entry.kind} />
      <EntryName entry={entry} onExplain={book.explain}>
        <Time at={entry.created_at} as="recent" />
      </EntryName>
      {currency !== "" && <EntryAmount entry={entry} currency={currency} />}
    </li>
  );
}
