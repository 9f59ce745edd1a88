import { useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";

import { api, type Entry, type Me, type Month } from "../../core/api";
import { Resource } from "../../core/resource";
import { formatMonth, monthNow } from "../../core/time";
import { BackLink } from "../../ui/back-link";
import { Loaded, Skeleton } from "../../ui/states";
import { ExplainDialog } from "../member/explain-dialog";
import { type Lines, Paper } from "./paper";
import { Toolbar } from "./toolbar";

const MONTH = /^\d{4}-(0[1-9]|1[0-2])$/;

/** More lines than these are summed up by day at first: about five printed pages. */
const BUSY_LINES = 150;

/** One month of a ledger as a sheet of paper: to read, to print, to download. */
export function StatementPage({ id, caller }: { id: number; caller: Me }) {
  const user = useMemo(() => new Resource(() => api.user(id)), [id]);
  const month = useSignal<Month>(monthInAddress() ?? monthNow(caller.time_zone));
  const months = useMemo(() => new Resource(() => api.months(id)), [id]);
  const statement = useMemo(() => new Resource(() => api.statement(id, month.peek())), [id]);
  // A busy month is too long for paper; whoever wants every line says so.
  const chosen = useSignal<Lines | null>(null);
  const busy = (statement.data.value?.entries.length ?? 0) > BUSY_LINES;
  const lines = chosen.value ?? (busy ? "day" : "entry");
  const explained = useSignal<Entry | null>(null);
  useEffect(() => {
    void user.reload();
    void months.reload();
  }, [user, months]);
  useEffect(() => {
    void statement.reload();
    history.replaceState(null, "", `${location.pathname}?month=${month.value}`);
  }, [statement, month.value]);

  const ownPage = caller.user_id === id;
  const name = user.data.value?.name;
  return (
    <div class="page statement-page">
      <header class="page-head">
        <div>
          <BackLink to={ownPage ? "/" : `/members/${id}`}>
            {ownPage ? "Earnings" : (name ?? `Member ${id}`)}
          </BackLink>
          <h1>Statement of {formatMonth(month.value)}</h1>
        </div>
      </header>
      <Toolbar
        id={id}
        month={month}
        months={months.data.value ?? []}
        lines={lines}
        onLines={(to) => {
          chosen.value = to;
        }}
      />
      <Loaded of={statement} skeleton={<Skeleton rows={10} tall />}>
        {(shown) => (
          <Paper
            statement={shown}
            lines={lines}
            email={user.data.value?.email ?? null}
            onExplain={(entry) => {
              explained.value = entry;
            }}
          />
        )}
      </Loaded>
      {explained.value && (
        <ExplainDialog
          entry={explained.value}
          currency={caller.currency}
          onPurchase={null}
          onClose={() => {
            explained.value = null;
          }}
        />
      )}
    </div>
  );
}

function monthInAddress(): Month | null {
  const named = new URLSearchParams(location.search).get("month");
  return named !== null && MONTH.test(named) ? named : null;
}
