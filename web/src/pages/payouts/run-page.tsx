import { useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";

import { announce } from "../../core/announce";
import { api, type Me, type Payout, type PayoutStatus } from "../../core/api";
import { mayPay } from "../../core/me";
import { formatMoney } from "../../core/money";
import { Pages, Resource } from "../../core/resource";
import { Link } from "../../core/router";
import { useTask } from "../../core/task";
import { BackLink } from "../../ui/back-link";
import { Card } from "../../ui/card";
import { type Column, DataTable } from "../../ui/data-table";
import { LoadMore } from "../../ui/load-more";
import { PayoutState } from "../../ui/payout-state";
import { Loaded, ProblemNote, Skeleton } from "../../ui/states";
import { Time } from "../../ui/time";
import { counted, formatCount, STATUS_WORDS } from "../../words";
import { FailedDialog } from "./failed-dialog";

const PAYOUT_ROWS = 50;
const STATUSES: PayoutStatus[] = ["pending", "paid", "failed"];

/** The payouts of one run, and what became of each. */
export function RunPage({ id, caller }: { id: number; caller: Me }) {
  const run = useMemo(() => new Resource(() => api.payoutRun(id)), [id]);
  const payouts = useMemo(
    () => new Pages((cursor) => api.payoutsOfRun(id, PAYOUT_ROWS, cursor)),
    [id],
  );
  const failing = useSignal<Payout | null>(null);
  const task = useTask();
  useEffect(() => {
    void run.reload();
    void payouts.reload();
  }, [run, payouts]);

  const showSettled = (settled: Payout) => {
    payouts.updateRow((row) => (row.payout_id === settled.payout_id ? settled : row));
    announce(`${settled.user_name}: ${STATUS_WORDS[settled.status].toLowerCase()}`);
    // The button that had the focus is gone.
    requestAnimationFrame(() => document.getElementById(stateId(settled))?.focus());
  };
  const settlePaid = (payout: Payout) =>
    task.run(async () => showSettled(await api.settlePayout(payout.payout_id, { status: "paid" })));
  const actions: Actions | null = mayPay(caller)
    ? {
        paid: settlePaid,
        failed: (payout) => {
          failing.value = payout;
        },
      }
    : null;

  return (
    <div class="page">
      <header class="page-head">
        <div>
          <BackLink to="/payouts">Payouts</BackLink>
          <h1>Payout run {id}</h1>
          <Loaded of={run} skeleton={<p class="page-sub">&nbsp;</p>}>
            {(shown) => (
              <p class="page-sub">
                {formatMoney(shown.total, shown.currency)} to {counted(shown.payouts, "member")} ·{" "}
                <Time at={shown.created_at} /> · minimum {formatMoney(shown.minimum, shown.currency)}
                {shown.reference !== null && (
                  <>
                    {" "}
                    · reference <span class="code">{shown.reference}</span>
                  </>
                )}
              </p>
            )}
          </Loaded>
        </div>
      </header>
      {task.problem.value && <ProblemNote problem={task.problem.value} onRetry={payouts.reload} />}
      <Card
        title="Payouts"
        class="table-card"
        aside={!payouts.hasMore && <p class="card-note">{howFar(payouts.rows)}</p>}
      >
        <Loaded of={payouts} skeleton={<Skeleton rows={8} tall />}>
          {({ data }) => (
            <>
              <DataTable
                caption={`Payouts of run ${id}`}
                columns={columns(caller.currency, actions)}
                rows={data}
                rowKey={(payout) => payout.payout_id}
              />
              <LoadMore of={payouts} />
            </>
          )}
        </Loaded>
      </Card>
      {failing.value && (
        <FailedDialog
          payout={failing.value}
          currency={caller.currency}
          onDone={(settled) => {
            failing.value = null;
            showSettled(settled);
          }}
          onClose={() => {
            failing.value = null;
          }}
        />
      )}
    </div>
  );
}

/** "40 pending, 8 paid, 1 failed". */
function howFar(payouts: Payout[]): string {
  return STATUSES.map((status) => ({
    status,
    count: payouts.filter((payout) => payout.status === status).length,
  }))
    .filter(({ count }) => count > 0)
    .map(({ status, count }) => `${formatCount(count)} ${STATUS_WORDS[status].toLowerCase()}`)
    .join(", ");
}

interface Actions {
  paid: (payout: Payout) => void;
  failed: (payout: Payout) => void;
}

const stateId = ({ payout_id }: Payout) => `payout-${payout_id}`;

function columns(currency: string, actions: Actions | null): Column<Payout>[] {
  const facts: Column<Payout>[] = [
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
  if (actions === null) return facts;
  return [
    ...facts,
    {
      header: "Settle",
      figure: true,
      cell: (payout) => payout.status === "pending" && <Settle payout={payout} actions={actions} />,
    },
  ];
}

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
