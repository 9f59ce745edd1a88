import { useMemo } from "preact/hooks";

import type { Entry } from "../../core/api";
import { formatMoney } from "../../core/money";
import { Link } from "../../core/router";
import { LiveRows } from "../../live/live-rows";
import { Card } from "../../ui/card";
import { type Column, DataTable } from "../../ui/data-table";
import { LiveButtons, LiveList } from "../../ui/live-list";
import { LoadMore } from "../../ui/load-more";
import { Empty, Loaded, Skeleton } from "../../ui/states";
import { Time } from "../../ui/time";
import type { MemberBook } from "./book";
import { EntryAmount } from "./entry-amount";
import { EntryName } from "./entry-name";

const STEP = 15;

const seqOf = (entry: Entry) => entry.seq;

/** Every entry with the balance after it, as on a bank statement. */
export function EntriesCard({ book, currency }: { book: MemberBook; currency: string }) {
  const list = useMemo(() => new LiveRows(book.entries, seqOf, STEP), [book]);
  return (
    <Card
      title="All entries"
      class="table-card"
      live={list}
      aside={
        <span class="card-aside">
          <Link to={`/members/${book.id}/statement`} class="card-link">
            Statement by month
          </Link>
          <LiveButtons list={list} />
        </span>
      }
    >
      <Loaded of={book.entries} onRetry={book.retry} skeleton={<Skeleton rows={8} tall />}>
        {({ data }) =>
          data.length === 0 ? (
            <Empty title="No entries yet">
              Each commission, reversal and payout becomes one line here, with the balance after it.
            </Empty>
          ) : (
            <>
              <LiveList list={list}>
                <DataTable
                  caption="All entries, newest first"
                  columns={columns(book, currency)}
                  rows={list.rows.value}
                  rowKey={(_, place) => place}
                />
              </LiveList>
              <LoadMore of={list} />
            </>
          )
        }
      </Loaded>
    </Card>
  );
}

const columns = (book: MemberBook, currency: string): Column<Entry>[] => [
  {
    header: "Entry",
    cell: (entry) => <EntryName entry={entry} onExplain={book.explain} />,
    narrow: "title",
  },
  { header: "Date", cell: (entry) => <Time at={entry.created_at} /> },
  { header: "Purchase", narrow: "hidden", cell: (entry) => entry.purchase_id ?? "–" },
  {
    header: "Amount",
    figure: true,
    narrow: "value",
    cell: (entry) => <EntryAmount entry={entry} currency={currency} />,
  },
  { header: "Balance", figure: true, cell: (entry) => formatMoney(entry.balance, currency) },
];
