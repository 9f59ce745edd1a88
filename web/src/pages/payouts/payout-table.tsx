import type { Signal } from "@preact/signals";

import type { Payout } from "../../core/api";
import { formatMoney } from "../../core/money";
import { Link } from "../../core/router";
import { type Column, DataTable } from "../../ui/data-table";
import { PayoutState } from "../../ui/payout-state";
import { formatCount } from "../../words";

export interface Actions {
  paid: (payout: Payout) => void;
  failed: (payout: Payout) => void;
  /** Settles those that are chosen, or all of the run. */
  many: (ids: number[] | "all", status: "paid" | "failed") => void;
}

interface PayoutTableProps {
  run: number;
  currency: string;
  rows: Payout[];
  actions: Actions | null;
  /** The numbers of those that are chosen. */
  chosen: Signal<ReadonlySet<number>>;
}

/** The payouts of a run, and for whoever may: choosing some of them and settling them. */
export function PayoutTable({ run, currency, rows, actions, chosen }: PayoutTableProps) {
  return (
    <>
      {actions && <Choice rows={rows} actions={actions} chosen={chosen} />}
      <DataTable
        caption={`Payouts of run ${run}`}
        columns={actions === null ? facts(currency) : [choose(chosen), ...facts(currency), settle(actions)]}
        rows={rows}
        rowKey={(payout) => payout.payout_id}
      />
    </>
  );
}

/** What is to become of those that are chosen. */
function Choice({ rows, actions, chosen }: Required<Pick<PayoutTableProps, "rows" | "chosen">> & { actions: Actions }) {
  const pending = rows.filter((payout) => payout.status === "pending").map((payout) => payout.payout_id);
  const ids = pending.filter((id) => chosen.value.has(id));
  if (pending.length === 0) return null;
  const all = ids.length === pending.length;
  return (
    <div class="choice" role="group" aria-label="Settle several payouts">
      <label class="check">
        <input
          type="checkbox"
          checked={all}
          ref={(box) => {
            if (box) box.indeterminate = ids.length > 0 && !all;
          }}
          onChange={() => {
            chosen.value = new Set(all ? [] : pending);
          }}
        />
        Choose the {formatCount(pending.length)} that are pending here
      </label>
      <span class="row-actions">
        {ids.length > 0 ? (
          <>
            <button type="button" class="button small" onClick={() => actions.many(ids, "paid")}>
              Mark {formatCount(ids.length)} as paid…
            </button>
            <button type="button" class="button small" onClick={() => actions.many(ids, "failed")}>
              Mark {formatCount(ids.length)} as failed…
            </button>
          </>
        ) : (
          <button type="button" class="button small" onClick={() => actions.many("all", "paid")}>
            Mark the whole run as paid…
          </button>
        )}
      </span>
    </div>
  );
}

export const stateId = ({ payout_id }: Payout) => `payout-${payout_id}`;

const choose = (chosen: Signal<ReadonlySet<number>>): Column<Payout> => ({
  header: "Choose",
  cell: (payout) =>
    payout.status === "pending" && (
      <input
        type="checkbox"
        aria-label={`Choose the payout to ${payout.user_name}`}
        checked={chosen.value.has(payout.payout_id)}
        onChange={(event) => {
          const now = new Set(chosen.value);
          if (event.currentTarget.checked) now.add(payout.payout_id);
          else now.delete(payout.payout_id);
          chosen.value = now;
        }}
      />
    ),
});

const facts = (currency: string): Column<Payout>[] => [
  {
    header: "Member",
    narrow: "title",
    cell: (payout) => (
      <Link to={`/members/${payout.user_id}`} class="row-link">
        {payout.user_name}
      </Link>
    ),
  },
  {
    header: "State",
    cell: (payout) => (
      <span id={stateId(payout)} tabIndex={-1}>
        <PayoutState payout={payout} />
      </span>
    ),
  },
  {
    header: "Amount",
    figure: true,
    narrow: "value",
    cell: (payout) => <span class="amount">{formatMoney(payout.amount, currency)}</span>,
  },
];

const settle = (actions: Actions): Column<Payout> => ({
  header: "Settle",
  figure: true,
  cell: (payout) => payout.status === "pending" && <Settle payout={payout} actions={actions} />,
});

function Settle({ payout, actions }: { payout: Payout; actions: Actions }) {
  const whose = <span class="visually-hidden">, payout to {payout.user_name}</span>;
  return (
    <span class="row-actions">
      <button type="button" class="button small" onClick={() => actions.paid(payout)}>
        Paid
        {whose}
      </button>
      <button type="button" class="button small" onClick={() => actions.failed(payout)}>
        Failed…
        {whose}
      </button>
    </span>
  );
}
