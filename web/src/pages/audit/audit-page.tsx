import { useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";

import { api, type AuditEvent, type Me } from "../../core/api";
import { Pages } from "../../core/resource";
import { Card } from "../../ui/card";
import { type Column, DataTable } from "../../ui/data-table";
import { LoadMore } from "../../ui/load-more";
import { Empty, Loaded, Skeleton } from "../../ui/states";
import { Time } from "../../ui/time";
import { PurchaseDialog } from "../admin/purchase-dialog";
import { ACTION_WORDS, describeDetail } from "./detail";
import { Subject } from "./subject";

const EVENT_ROWS = 50;

/** Who changed what by hand, and when. */
export function AuditPage({ caller }: { caller: Me }) {
  const events = useMemo(() => new Pages((cursor) => api.audit(EVENT_ROWS, cursor)), []);
  const purchase = useSignal<number | null>(null);
  useEffect(() => {
    void events.reload();
  }, [events]);
  const openPurchase = (id: number) => {
    purchase.value = id;
  };

  return (
    <div class="page">
      <header class="page-head">
        <div>
          <h1>Audit log</h1>
          <p class="page-sub">What was changed by hand, by whom, and when. Nothing is ever removed.</p>
        </div>
      </header>
      <Card title="Changes" class="table-card">
        <Loaded of={events} skeleton={<Skeleton rows={10} tall />}>
          {({ data }) =>
            data.length === 0 ? (
              <Empty title="Nothing has been changed by hand yet">
                Refunds, payouts, adjustments, plans and keys are written down here.
              </Empty>
            ) : (
              <>
                <DataTable
                  caption="Changes, newest first"
                  columns={columns(caller.currency, openPurchase)}
                  rows={data}
                  rowKey={(event) => event.id}
                />
                <LoadMore of={events} />
              </>
            )
          }
        </Loaded>
      </Card>
      {purchase.value !== null && (
        <PurchaseDialog
          id={purchase.value}
          caller={caller}
          onChanged={events.reload}
          onClose={() => {
            purchase.value = null;
          }}
        />
      )}
    </div>
  );
}

const columns = (currency: string, openPurchase: (id: number) => void): Column<AuditEvent>[] => [
  {
    header: "What",
    narrow: "title",
    cell: (event) => <span class="whole">{ACTION_WORDS[event.action] ?? event.action}</span>,
  },
  { header: "Of", cell: (event) => <Subject event={event} onPurchase={openPurchase} /> },
  { header: "Details", cell: (event) => describeDetail(event, currency) },
  { header: "By", cell: (event) => event.actor },
  { header: "When", cell: (event) => <Time at={event.at} /> },
];
