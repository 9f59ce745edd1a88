import { useSignal } from "@preact/signals";

import type { Entry } from "../../core/api";
import { formatMoney } from "../../core/money";
import { Link } from "../../core/router";
import { Card } from "../../ui/card";
import { type Column, DataTable } from "../../ui/data-table";
import { Empty, Loaded, Skeleton } from "../../ui/states";
import { Time } from "../../ui/time";
import type { MemberBook } from "./book";
import { EntryAmount } from "./entry-amount";
import { EntryName } from "./entry-name";

const STEP = 15;

/** Every entry with the balance after it, as on a bank statement. */
export function EntriesCard({ book, currency }: { book: MemberBook; currency: string }) {
  const shown = useSignal(STEP);
  const more = () => {
    shown.value += STEP;
    if (shown.value > book.entries.rows.length) void book.entries.loadMore();
  };
  return (
    <Card
      title="All entries"
      class="table-card"
      aside={
        <Link to={`/members/${book.id}/statement`} class="card-link">
          Statement by month
        </Link>
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
              <DataTable
                caption="All entries, newest first"
                columns={columns(book, currency)}
                rows={data.slice(0, shown.value)}
                rowKey={(entry) => entry.seq}
                isNew={(entry) => entry.seq > book.firstSeq}
              />
              {(shown.value < data.length || book.entries.hasMore) && (
                <button
                  type="button"
                  class="button load-more"
                  disabled={book.entries.loading.value}
                  onClick={more}
                >
                  Load more
                </button>
              )}
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
