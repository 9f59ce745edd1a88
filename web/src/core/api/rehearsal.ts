/** What a change would do, asked before it is made. */
import { send } from "../http";
import type { NewAdjustment } from "./earnings";
import type { PayoutPreview } from "./payouts";
import type { Money } from "./wire";

/** What one balance would become. */
export interface Effect {
  user_id: number;
  user_name: string;
  /** Negative for what would be taken. */
  amount: Money;
  balance_before: Money;
  balance: Money;
}

const effects = async (path: string, body: unknown) =>
  (await send<{ effects: Effect[] }>("POST", `${path}?dry_run=true`, body)).body.effects;

export const rehearsal = {
  rehearseRefund: (id: number, amount: Money) =>
    effects(`/api/purchases/${id}/refunds`, { amount }),

  rehearseAdjustment: (id: number, adjustment: NewAdjustment) =>
    effects(`/api/users/${id}/adjustments`, adjustment),

  rehearsePayouts: async (minimum: Money) =>
    (await send<PayoutPreview>("POST", "/api/payouts/runs?dry_run=true", { minimum })).body,
};
