import { useEffect, useMemo } from "preact/hooks";

import { api, type Me, type PayoutRun } from "../../core/api";
import { mayPay } from "../../core/me";
import { formatMoney } from "../../core/money";
import { Pages } from "../../core/resource";
import { Link } from "../../core/router";
import { Card } from "../../ui/card";
import { type Column, DataTable } from "../../ui/data-table";
import { LoadMore } from "../../ui/load-more";
import { Empty, Loaded, Skeleton } from "../../ui/states";
import { Time } from "../../ui/time";
import { formatCount } from "../../words";
import { DueCard } from "./due-card";

const RUN_ROWS = 20;

/** What members are due, and every run that has paid them. */
export function PayoutsPage({ caller }: { caller: Me }) {
  const runs = useMemo(() => new Pages((cursor) => api.payoutRuns(RUN_ROWS, cursor)), []);
  useEffect(() => {
    void runs.reload();
  }, [runs]);

  return (
    <div class="page">
      <header class="page-head">
        <div>
          <h1>Payouts</h1>
          <p class="page-sub">
            A run takes what is due out of the balances; you send the money and say what became of it.
          </p>
        </div>
      </header>
      <DueCard currency={caller.currency} mayPay={mayPay(caller)} />
      <Card title="Runs" class="table-card">
        <Loaded of={runs} skeleton={<Skeleton rows={6} tall />}>
          {({ data }) =>
            data.length === 0 ? (
              <Empty title="Nobody has been paid yet">The first run is listed here.</Empty>
            ) : (
              <>
                <DataTable
                  caption="Payout runs, newest first"
                  columns={COLUMNS}
                  rows={data}
                  rowKey={(run) => run.run_id}
                />
                <LoadMore of={runs} />
              </>
            )
          }
        </Loaded>
      </Card>
    </div>
  );
}

const COLUMNS: Column<PayoutRun>[] = [
  {
    header: "Run",
    narrow: "title",
    cell: (run) => (
      <Link to={`/payouts/${run.run_id}`} class="row-link">
        Run {run.run_id}
      </Link>
    ),
  },
  { header: "Made", cell: (run) => <Time at={run.created_at} /> },
  { header: "Minimum", roomy: true, cell: (run) => formatMoney(run.minimum, run.currency) },
  { header: "Payouts", figure: true, cell: (run) => formatCount(run.payouts) },
  {
    header: "Total",
    figure: true,
    narrow: "value",
    cell: (run) => <span class="amount">{formatMoney(run.total, run.currency)}</span>,
  },
];
