import { useSignal } from "@preact/signals";

import { type Me, type PayoutRunInFull, type PayoutWarning } from "../../core/api";
import { mayRead } from "../../core/me";
import { formatMoney } from "../../core/money";
import { Link } from "../../core/router";
import { Icon } from "../../ui/icons";
import { counted } from "../../words";
import { PurchaseDialog } from "../admin/purchase-dialog";

const SHOWN = 5;

/** What whoever sends the money of a run should know first. */
export function RunWarnings({ run, caller }: { run: PayoutRunInFull; caller: Me }) {
  const shown = useSignal(SHOWN);
  const purchase = useSignal<number | null>(null);
  const { warnings } = run;
  if (warnings.length === 0) return null;
  const count = `${counted(warnings.length, "thing")}${run.more_warnings ? " and more" : ""}`;
  return (
    <section class="note note-warning" aria-label="Before the money is sent">
      <Icon name="warning" />
      <div class="note-body">
        <h2 class="note-title">{count} to know before the money is sent</h2>
        <ul class="warnings">
          {warnings.slice(0, shown.value).map((warning, place) => (
            <li key={place}>
              {inWords(warning, run.currency)}{" "}
              {mayRead(caller) && (
                <button
                  type="button"
                  class="row-button"
                  onClick={() => {
                    purchase.value = warning.purchase_id;
                  }}
                >
                  Purchase {warning.purchase_id}
                </button>
              )}
            </li>
          ))}
        </ul>
        {shown.value < warnings.length && (
          <button
            type="button"
            class="button small"
            onClick={() => {
              shown.value = warnings.length;
            }}
          >
            Show the other {counted(warnings.length - shown.value, "one")}
          </button>
        )}
      </div>
      {purchase.value !== null && (
        <PurchaseDialog
          id={purchase.value}
          caller={caller}
          onClose={() => {
            purchase.value = null;
          }}
        />
      )}
    </section>
  );
}

function inWords(warning: PayoutWarning, currency: string) {
  const who = <Link to={`/members/${warning.user_id}`}>{warning.user_name}</Link>;
  const amount = formatMoney(warning.amount, currency);
  const sale = `purchase ${warning.purchase_id}`;
  switch (warning.kind) {
    case "refunded_sale":
      return warning.status === "paid" ? (
        <>
          {who} was paid {amount} that was no longer due: {sale} had been refunded. Her balance carries it.
        </>
      ) : (
        <>
          {who}: {amount} of this payout is no longer due, because {sale} was refunded meanwhile.
        </>
      );
    case "backdated_sale":
      return (
        <>
          {who}: {amount} of this payout is for {sale}, which was told late and fell under an earlier plan.
        </>
      );
    default:
      return (
        <>
          {who}: {amount} of this payout has to do with {sale}.
        </>
      );
  }
}
