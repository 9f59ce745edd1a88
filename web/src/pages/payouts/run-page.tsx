import { useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";

import { announce } from "../../core/announce";
import { api, type Me, type Payout, type PayoutStatus, type SettledTogether } from "../../core/api";
import { saveFile } from "../../core/device";
import { mayPay } from "../../core/me";
import { formatMoney } from "../../core/money";
import { Pages, Resource } from "../../core/resource";
import { useTask } from "../../core/task";
import { BackLink } from "../../ui/back-link";
import { Button } from "../../ui/button";
import { Card } from "../../ui/card";
import { Icon } from "../../ui/icons";
import { LoadMore } from "../../ui/load-more";
import { Loaded, ProblemNote, Skeleton } from "../../ui/states";
import { Time } from "../../ui/time";
import { counted, formatCount, STATUS_WORDS } from "../../words";
import { notice } from "../notice";
import { FailedDialog } from "./failed-dialog";
import { type Actions, PayoutTable, stateId } from "./payout-table";
import { RunWarnings } from "./run-warnings";
import { SettleDialog, settledInWords, type Settling } from "./settle-dialog";

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
  const chosen = useSignal<ReadonlySet<number>>(new Set());
  const settling = useSignal<Settling | null>(null);
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
        many: (ids, status) => {
          settling.value = { ids, status };
        },
      }
    : null;
  const showSettledTogether = (settled: SettledTogether) => {
    if (settling.value) notice.value = settledInWords(settling.value, settled);
    settling.value = null;
    chosen.value = new Set();
    void run.reload();
    void payouts.reload();
  };
  const save = () =>
    task.run(async () => saveFile(await api.payoutsOfRunCsv(id), `payouts-run-${id}.csv`));

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
        <Button class="button" off={task.busy.value} onClick={save}>
          <Icon name="download" />
          CSV
        </Button>
      </header>
      {run.data.value && <RunWarnings run={run.data.value} caller={caller} />}
      {task.problem.value && <ProblemNote problem={task.problem.value} onRetry={payouts.reload} />}
      <Card
        title="Payouts"
        class="table-card"
        aside={!payouts.hasMore && <p class="card-note">{howFar(payouts.rows)}</p>}
      >
        <Loaded of={payouts} skeleton={<Skeleton rows={8} tall />}>
          {({ data }) => (
            <>
              <PayoutTable
                run={id}
                currency={caller.currency}
                rows={data}
                actions={actions}
                chosen={chosen}
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
      {settling.value && (
        <SettleDialog
          run={id}
          settling={settling.value}
          onDone={showSettledTogether}
          onClose={() => {
            settling.value = null;
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
