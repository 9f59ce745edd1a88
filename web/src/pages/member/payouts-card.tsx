import type { Payout } from "../../core/api";
import { formatMoney } from "../../core/money";
import { Card } from "../../ui/card";
import { type Column, DataTable } from "../../ui/data-table";
import { LoadMore } from "../../ui/load-more";
import { PayoutState } from "../../ui/payout-state";
import { Empty, Loaded, Skeleton } from "../../ui/states";
import { Time } from "../../ui/time";
import type { MemberBook } from "./book";

/** What was sent to the member, and what became of it. */
export function PayoutsCard({ book, currency }: { book: MemberBook; currency: string }) {
  return (
    <Card title="Payouts" class="table-card">
      <Loaded of={book.payouts} skeleton={<Skeleton rows={3} tall />}>
        {({ data }) =>
          data.length === 0 ? (
            <Empty title="Nothing has been paid out yet">
              When the programme pays its members, each payment is listed here until it arrives.
            </Empty>
          ) : (
            <>
              <DataTable
                caption="Payouts, newest first"
                columns={columns(currency)}
                rows={data}
                rowKey={(payout) => payout.payout_id}
              />
              <LoadMore of={book.payouts} />
            </>
          )
        }
      </Loaded>
    </Card>
  );
}

const columns = (currency: string): Column<Payout>[] => [
  { header: "Payout", narrow: "title", cell: (payout) => `Payout ${payout.payout_id}` },
  { header: "Date", cell: (payout) => <Time at={payout.created_at} as="day" /> },
  { header: "State", cell: (payout) => <PayoutState payout={payout} /> },
  {
    header: "Amount",
    figure: true,
    narrow: "value",
    cell: (payout) => <span class="amount">{formatMoney(payout.amount, currency)}</span>,
  },
];
