import { useSignal } from "@preact/signals";

import type { MemberChange } from "../../core/api";
import { formatChange, formatMoney } from "../../core/money";
import { Link } from "../../core/router";
import { type Column, DataTable } from "../../ui/data-table";

const FIRST = 5;

interface ChangeTableProps {
  title: string;
  changes: MemberChange[];
  currency: string;
}

/** Members by what they would have gained or lost, the first few at first. */
export function ChangeTable({ title, changes, currency }: ChangeTableProps) {
  const shown = useSignal(FIRST);
  return (
    <section aria-label={title}>
      <h3>{title}</h3>
      <DataTable
        caption={title}
        columns={columns(currency)}
        rows={changes.slice(0, shown.value)}
        rowKey={(change) => change.user_id}
      />
      {shown.value < changes.length && (
        <button
          type="button"
          class="button load-more"
          onClick={() => {
            shown.value = changes.length;
          }}
        >
          Show all {changes.length}
        </button>
      )}
    </section>
  );
}

const columns = (currency: string): Column<MemberChange>[] => [
  {
    header: "Member",
    narrow: "title",
    cell: (change) => (
      <Link to={`/members/${change.user_id}`} class="row-link">
        {change.user_name ?? `Member ${change.user_id}`}
      </Link>
    ),
  },
  { header: "Earned", figure: true, cell: (change) => formatMoney(change.earned, currency) },
  { header: "Would earn", figure: true, cell: (change) => formatMoney(change.would_earn, currency) },
  {
    header: "Difference",
    figure: true,
    narrow: "value",
    cell: (change) => <span class="amount">{formatChange(change.difference, currency)}</span>,
  },
];
