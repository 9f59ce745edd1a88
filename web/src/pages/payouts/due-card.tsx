import { useSignal, useSignalEffect } from "@preact/signals";
import { useMemo } from "preact/hooks";

import { api, type DueMember, type DueOrder, type PayoutPreview } from "../../core/api";
import { formatMoney, plainAmount } from "../../core/money";
import { Resource } from "../../core/resource";
import { Link } from "../../core/router";
import { Button } from "../../ui/button";
import { Card } from "../../ui/card";
import { type Column, DataTable } from "../../ui/data-table";
import { MoneyField, SelectField } from "../../ui/field";
import { Empty, Loaded, Skeleton } from "../../ui/states";
import { counted } from "../../words";
import { RunDialog } from "./run-dialog";

const FIRST_MINIMUM = "100.00";
const SHOWN = 10;
const ORDERS: { value: DueOrder; label: string }[] = [
  { value: "user", label: "members, oldest first" },
  { value: "amount", label: "amounts, largest first" },
];

/** Who would be paid now, from a minimum on, and the way to pay them. */
export function DueCard({ currency, mayPay }: { currency: string; mayPay: boolean }) {
  const minimum = useSignal(FIRST_MINIMUM);
  const order = useSignal<string>("user");
  const preview = useMemo(
    () => new Resource(() => api.previewPayouts(plainAmount(minimum.peek()), order.peek() as DueOrder)),
    [],
  );
  const paying = useSignal<PayoutPreview | null>(null);
  useSignalEffect(() => {
    order.value;
    void preview.reload();
  });
  const look = (event: SubmitEvent) => {
    event.preventDefault();
    void preview.reload();
  };

  return (
    <Card title="Due now" class="table-card">
      <form class="inline-form due-form" onSubmit={look}>
        <MoneyField
          label={`At least, in ${currency}`}
          required
          text={minimum}
          error={preview.problem.value?.fields.minimum}
        />
        <SelectField label="In the order of" choice={order} options={ORDERS} />
        <Button type="submit" class="button" off={preview.loading.value}>
          Show who is due
        </Button>
      </form>
      <Loaded of={preview} fields={["minimum"]} skeleton={<Skeleton rows={6} tall />}>
        {(due) =>
          due.payouts === 0 ? (
            <Empty title={`Nobody is due ${formatMoney(due.minimum, currency)} or more`}>
              What is on hold becomes due with time; with a lower minimum there may be somebody.
            </Empty>
          ) : (
            <>
              <div class="due-sum" role="status">
                <p>
                  <strong class="due-figure">{formatMoney(due.total, currency)}</strong>
                  <span>
                    to {counted(due.payouts, "member")} who{" "}
                    {due.payouts === 1 ? "is" : "are"} due {formatMoney(due.minimum, currency)} or more
                  </span>
                </p>
                {mayPay && (
                  <button
                    type="button"
                    class="button primary"
                    onClick={() => {
                      paying.value = due;
                    }}
                  >
                    Make a payout run…
                  </button>
                )}
              </div>
              <DueTable due={due} />
            </>
          )
        }
      </Loaded>
      {paying.value && (
        <RunDialog
          due={paying.value}
          onClose={() => {
            paying.value = null;
          }}
        />
      )}
    </Card>
  );
}

function DueTable({ due }: { due: PayoutPreview }) {
  const shown = useSignal(SHOWN);
  const left = due.payouts - Math.min(shown.value, due.data.length);
  const mayShowMore = shown.value < due.data.length;
  return (
    <>
      <DataTable
        caption="Who is due"
        columns={columns(due.currency)}
        rows={due.data.slice(0, shown.value)}
        rowKey={(member) => member.user_id}
      />
      {mayShowMore && (
        <button
          type="button"
          class="button load-more"
          onClick={() => {
            shown.value += SHOWN * 5;
          }}
        >
          Show more of the {counted(left, "other")}
        </button>
      )}
      {!mayShowMore && left > 0 && (
        <p class="card-note paper-foot">And {counted(left, "other")}, who are counted above.</p>
      )}
    </>
  );
}

const columns = (currency: string): Column<DueMember>[] => [
  {
    header: "Member",
    narrow: "title",
    cell: (member) => (
      <span class="person-cell">
        <span>
          <Link to={`/members/${member.user_id}`}>{member.user_name}</Link>
          <small>{member.email}</small>
        </span>
      </span>
    ),
  },
  { header: "Number", cell: (member) => member.user_id },
  {
    header: "Due",
    figure: true,
    narrow: "value",
    cell: (member) => <span class="amount">{formatMoney(member.amount, currency)}</span>,
  },
];
