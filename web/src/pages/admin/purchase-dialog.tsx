import { useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";

import { api, type Me, type PurchaseInFull, type Refund } from "../../core/api";
import { mayReport } from "../../core/me";
import { formatMoney, isZero, withMoney } from "../../core/money";
import { Resource } from "../../core/resource";
import { Link } from "../../core/router";
import { Dialog } from "../../ui/dialog";
import { Figure } from "../../ui/figure";
import { Focused } from "../../ui/focused";
import { Icon } from "../../ui/icons";
import { NoteFacts } from "../../ui/notes";
import { Loaded, Skeleton } from "../../ui/states";
import { Time } from "../../ui/time";
import { DecisionList } from "./decision-list";
import { RefundForm } from "./refund-form";
import { RefundList, ReversalList } from "./refund-list";

interface PurchaseDialogProps {
  id: number;
  caller: Me;
  /** After a refund, for whoever shows totals. */
  onChanged?: (purchase: PurchaseInFull) => void;
  onClose: () => void;
}

/** Everything about one purchase: who earned, what was refunded, why; and the way to refund it. */
export function PurchaseDialog({ id, caller, onChanged, onClose }: PurchaseDialogProps) {
  const purchase = useMemo(() => new Resource(() => api.purchase(id)), [id]);
  const refunding = useSignal(false);
  const refunded = useSignal<Refund | null>(null);
  useEffect(() => {
    void purchase.reload();
  }, [purchase]);

  const stopRefunding = () => {
    refunding.value = false;
  };
  const showRefund = async (refund: Refund) => {
    refunded.value = refund;
    refunding.value = false;
    await purchase.reload();
    const changed = purchase.data.peek();
    if (changed) onChanged?.(changed);
  };

  return (
    <Dialog title={`Purchase ${id}`} size="wide" onClose={onClose}>
      <Loaded of={purchase} skeleton={<Skeleton rows={7} tall />}>
        {(found) =>
          refunding.value ? (
            <RefundForm purchase={found} onDone={showRefund} onCancel={stopRefunding} />
          ) : (
            <div class="dialog-part">
              {refunded.value && <RefundDone refund={refunded.value} />}
              <PurchaseFacts purchase={found} />
              {Object.keys(found.metadata).length > 0 && (
                <>
                  <h3>Your notes</h3>
                  <dl class="facts">
                    <NoteFacts notes={found.metadata} />
                  </dl>
                </>
              )}
              <h3>Who earned</h3>
              <DecisionList purchase={found} />
              {found.refunds.length > 0 && <RefundList refunds={found.refunds} />}
              {found.explanation.length > 0 && (
                <details class="chart-table">
                  <summary>Explain it in full</summary>
                  <div class="explanation">
                    {found.explanation.map((sentence, index) => (
                      <p key={index}>{withMoney(sentence, found.currency)}</p>
                    ))}
                  </div>
                </details>
              )}
              {mayReport(caller) && !isZero(found.net) && (
                <div class="dialog-actions">
                  <button
                    type="button"
                    class="button"
                    onClick={() => {
                      refunding.value = true;
                    }}
                  >
                    <Icon name="undo" />
                    Refund…
                  </button>
                </div>
              )}
            </div>
          )
        }
      </Loaded>
    </Dialog>
  );
}

/** What a refund that was just made came to. It takes the focus that its form has lost. */
function RefundDone({ refund }: { refund: Refund }) {
  return (
    <Focused class="note note-good refund-done" role="status">
      <Icon name="check" />
      <div class="note-body">
        <p class="note-title">
          Refunded {formatMoney(refund.amount, refund.currency)};{" "}
          {isZero(refund.net) ? "nothing" : formatMoney(refund.net, refund.currency)} is left
        </p>
        <ReversalList refund={refund} />
      </div>
    </Focused>
  );
}

function PurchaseFacts({ purchase }: { purchase: PurchaseInFull }) {
  const { currency } = purchase;
  const partly = !isZero(purchase.refunded);
  return (
    <>
      <Figure class="dialog-figure" text={formatMoney(purchase.amount, currency)} />
      <dl class="facts">
        {partly && (
          <div>
            <dt>Refunded</dt>
            <dd>
              {formatMoney(purchase.refunded, currency)}, {formatMoney(purchase.net, currency)} is left
            </dd>
          </div>
        )}
        <div>
          <dt>Buyer</dt>
          <dd>
            <Link to={`/members/${purchase.user_id}`}>{purchase.user_name}</Link>
          </dd>
        </div>
        <div>
          <dt>When</dt>
          <dd>
            <Time at={purchase.created_at} />
          </dd>
        </div>
        <div>
          <dt>Reference</dt>
          <dd class="code">{purchase.reference ?? "none"}</dd>
        </div>
        <div>
          <dt>Plan version</dt>
          <dd>{purchase.plan_version}</dd>
        </div>
      </dl>
    </>
  );
}
