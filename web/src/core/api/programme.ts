/** The programme as a whole: its totals, its plans, and who changed what. */
import { get, send } from "../http";
import { type LevelKey, type Money, type Page, page, type Timestamp } from "./wire";

export interface Stats {
  as_of: Timestamp;
  currency: string;
  members: number;
  active_members: number;
  purchases: number;
  sales: Money;
  commissions: Money;
  reversed: Money;
  commission_by_level: Record<LevelKey, Money>;
}

export type Rounding = "half_up" | "half_even" | "down";

/** The terms of a plan. */
export interface Terms {
  /** `["5%", "1%"]`, nearest level first. */
  levels: string[];
  commission_above: Money;
  max_direct_referrals: number;
  rounding: Rounding;
  hold_days: number;
  max_commission: Money | null;
}

export interface Plan extends Terms {
  version: number;
  currency: string;
  effective_from: Timestamp;
  created_at: Timestamp;
  /** When it was withdrawn before it began. */
  withdrawn_at: Timestamp | null;
}

/** What past purchases cost, by the books or under a plan that is tried. */
export interface Cost {
  /** Commissions less reversals. */
  total: Money;
  /** `4.63%` of what refunds have left of the sales; null without sales. */
  share_of_sales: string | null;
  by_level: Record<LevelKey, Money>;
}

export interface MemberChange {
  user_id: number;
  user_name: string | null;
  earned: Money;
  would_earn: Money;
  difference: Money;
}

/** Past purchases by the books and under another plan. */
export interface Simulation {
  currency: string;
  since: Timestamp | null;
  purchases: number;
  /** Paid elsewhere before they were imported; they count nowhere else. */
  settled_elsewhere: number;
  sales: Money;
  refunded: Money;
  books: Cost;
  plan: Cost;
  difference: Money;
  gain: number;
  lose: number;
  unchanged: number;
  /** Most first, and only the first of them. */
  gainers: MemberChange[];
  losers: MemberChange[];
}

export interface AuditEvent {
  id: number;
  at: Timestamp;
  /** `owner`, `key 3`. */
  actor: string;
  action: string;
  /** `user 42`, `payout run 3`. */
  subject: string;
  detail: Record<string, unknown>;
}

export const programme = {
  stats: () => get<Stats>("/api/stats"),

  plan: () => get<Plan>("/api/plan"),

  plans: (limit: number, cursor: string | null) =>
    get<Page<Plan>>(page("/api/plan/versions", limit, cursor)),

  /** Without a day or a time it is in force at once. */
  setPlan: async (terms: Terms & { effective_from?: string }) =>
    (await send<Plan>("PUT", "/api/plan", terms)).body,

  /** It never comes into force, and keeps its number. */
  withdrawPlan: async (version: number) =>
    (await send<Plan>("DELETE", `/api/plan/versions/${version}`)).body,

  /** Changes nothing. With a day or a time, only purchases since then count. */
  simulate: async (terms: Terms & { since?: string }) =>
    (await send<Simulation>("POST", "/api/plan/simulate", terms)).body,

  audit: (limit: number, cursor: string | null) =>
    get<Page<AuditEvent>>(page("/api/audit", limit, cursor)),
};
