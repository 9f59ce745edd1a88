/** Purchases, what they paid, and what was refunded of them. */
import { get, send } from "../http";
import { type Money, type Page, page, type Sent, sent, type Timestamp } from "./wire";

export type Outcome =
  | "paid"
  | "capped"
  | "below_threshold"
  | "inactive"
  | "no_referrer"
  | "rounds_to_zero";

export interface Decision {
  level: number;
  user_id: number | null;
  outcome: Outcome;
  rate: string;
  amount: Money;
}

export interface Purchase {
  purchase_id: number;
  user_id: number;
  user_name?: string;
  amount: Money;
  currency: string;
  reference: string | null;
  plan_version: number;
  created_at: Timestamp;
  decisions: Decision[];
  /** What the shop has noted of it. */
  metadata: Record<string, string>;
}

export interface PurchaseRow extends Purchase {
  user_name: string;
  /** The sum paid over all levels, before refunds. */
  commission: Money;
  refunded: Money;
  /** What refunds have left of it. */
  net: Money;
}

export interface NewPurchase {
  user_id: number;
  amount: Money;
  reference: string;
}

/** What a refund took from one level. */
export interface Reversal {
  level: number;
  user_id: number;
  amount: Money;
}

export interface Refund {
  refund_id: number;
  purchase_id: number;
  user_id: number;
  amount: Money;
  /** What was left of the purchase after it. */
  net: Money;
  currency: string;
  reference: string | null;
  created_at: Timestamp;
  reversals: Reversal[];
}

export interface PurchaseInFull extends PurchaseRow {
  /** Oldest first. */
  refunds: Refund[];
  /** How it was decided, in sentences. */
  explanation: string[];
}

export const purchases = {
  purchases: (limit: number, cursor: string | null) =>
    get<Page<PurchaseRow>>(page("/api/purchases", limit, cursor)),

  /** The one that has this reference, if there is one. */
  purchasesBy: (reference: string) =>
    get<Page<PurchaseRow>>(`/api/purchases?reference=${encodeURIComponent(reference)}`).then(({ data }) => data),

  purchase: (id: number) => get<PurchaseInFull>(`/api/purchases/${id}`),

  reportPurchase: async (purchase: NewPurchase): Promise<Sent<Purchase>> =>
    sent(await send<Purchase>("POST", "/api/purchases", purchase)),

  refund: async (id: number, refund: { amount: Money; reference: string }): Promise<Sent<Refund>> =>
    sent(await send<Refund>("POST", `/api/purchases/${id}/refunds`, refund)),
};
