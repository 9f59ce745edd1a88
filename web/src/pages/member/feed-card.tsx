import { useMemo } from "preact/hooks";

import type { Entry } from "../../core/api";
import { LiveRows } from "../../live/live-rows";
import { Card } from "../../ui/card";
import { LiveButtons, LiveList } from "../../ui/live-list";
import { clickRowButton } from "../../ui/row";
import { Empty, Loaded, Skeleton } from "../../ui/states";
import { Time } from "../../ui/time";
import type { MemberBook } from "./book";
import { EntryAmount } from "./entry-amount";
import { EntryName } from "./entry-name";
import { KindMark } from "./kind-mark";

const SHOWN = 10;

const seqOf = (entry: Entry) => entry.seq;

/** The newest entries, as they are made. */
export function FeedCard({ book }: { book: MemberBook }) {
  const list = useMemo(() => new LiveRows(book.entries, seqOf, SHOWN), [book]);
  return (
    <Card title="Happening now" class="feed-card" live={list} aside={<LiveButtons list={list} />}>
      <Loaded of={book.entries} onRetry={book.retry} skeleton={<Skeleton rows={SHOWN} tall />}>
        {() =>
          list.rows.value.length === 0 ? (
            <Empty title="Nothing has happened yet">
              Share the link above. The first commission shows here the moment it is earned.
            </Empty>
          ) : (
            <LiveList list={list}>
              <ul class="feed" onClick={clickRowButton}>
                {list.rows.value.map((entry, place) => (
                  <FeedRow
                    key={place}
                    entry={entry}
                    book={book}
                    currency={book.earnings.data.value?.currency ?? ""}
                  />
                ))}
              </ul>
            </LiveList>
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
    <li class="feed-row">
      <KindMark kind={entry.kind} />
      <EntryName entry={entry} onExplain={book.explain}>
        <Time at={entry.created_at} as="recent" />
      </EntryName>
      {currency !== "" && <EntryAmount entry={entry} currency={currency} />}
    </li>
  );
}
