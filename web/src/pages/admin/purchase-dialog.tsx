import type { Purchase } from "../../core/api";
import { formatMoney } from "../../core/money";
import { nameOf } from "../../core/names";
import { Link } from "../../core/router";
import { Dialog } from "../../ui/dialog";
import { Time } from "../../ui/time";
import { DecisionList } from "./decision-list";

interface PurchaseDialogProps {
  purchase: Purchase;
  onClose: () => void;
}

export function PurchaseDialog({ purchase, onClose }: PurchaseDialogProps) {
  return (
    <Dialog title={`Purchase ${purchase.purchase_id}`} onClose={onClose}>
      <p class="dialog-figure">{formatMoney(purchase.amount, purchase.currency)}</p>
      <dl class="facts">
        <div>
          <dt>Buyer</dt>
          <dd>
            <Link to={`/members/${purchase.user_id}`}>{nameOf(purchase.user_id)}</Link>
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
      <h3>Who earned</h3>
      <DecisionList purchase={purchase} />
    </Dialog>
  );
}
