/**
 * The HTTP API as typed calls. Money is a decimal string and times are RFC 3339
 * in UTC; only `money.ts` and `time.ts` look inside them.
 */
import { get, send } from "./http";

export type Money = string;
export type Timestamp = string;
/** `level_1`, `level_2`, … */
export type LevelKey = `level_${number}`;

export interface Me {
  kind: "member" | "admin" | "service";
  user_id: number | null;
  name: string | null;
  scopes: string[];
  expires_at: Timestamp | null;
  currency: string;
  levels: string[];
  commission_above: Money;
  max_direct_referrals: number;
}

export interface User {
  user_id: number;
  name: string;
  email?: string;
  referral_code: string;
  referral_link: string;
  referrer_id: number | null;
  is_active: boolean;
  joined_at: Timestamp;
  slots_used: number;
  slots_limit: number;
}

export interface Session {
  token: string;
  user_id: number;
  expires_at: Timestamp;
}

export interface Registration {
  name: string;
  email: string;
  password?: string;
  referral_code?: string;
}

export interface Registered extends Session {
  message: string;
  name: string;
  referral_code: string;
  referral_link: string;
  referrer_id: number | null;
}

export interface Referral {
  id: number;
  name: string;
  is_active: boolean;
  joined_at: Timestamp;
  /** What the viewed member earned from this person. */
  earned: Money;
}

export interface Referrals {
  user_id: number;
  level_1: Referral[];
  level_2: (Referral & { referred_by: number })[];
}

export interface Earnings {
  user_id: number;
  currency: string;
  total_earnings: Money;
  commissions: Money;
  reversed: Money;
  paid: Money;
  adjusted: Money;
  balance: Money;
  pending: Money;
  available: Money;
  by_level: Record<LevelKey, Money>;
  seq: number;
}

export type EntryKind = "commission" | "reversal" | "payout" | "payout_returned" | "adjustment";

export interface Entry {
  id: string;
  user_id: number;
  seq: number;
  kind: EntryKind;
  level: number | null;
  amount: Money;
  balance: Money;
  total_earnings: Money;
  purchase_id: number | null;
  from_user_id: number | null;
  from_user: string | null;
  created_at: Timestamp;
}

export interface Source {
  user_id: number;
  user_name: string;
  level: number;
  amount_earned: Money;
  purchases: number;
}

export interface EarningsChart {
  user_id: number;
  level_distribution: Record<LevelKey, Money>;
  sources: Source[];
}

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
}

export interface PurchaseRow extends Purchase {
  user_name: string;
  /** The sum paid over all levels. */
  commission: Money;
}

export interface NewPurchase {
  user_id: number;
  amount: Money;
  reference: string;
}

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

export interface Page<T> {
  data: T[];
  next_cursor: string | null;
}

const page = (path: string, limit: number, cursor: string | null) =>
  `${path}?limit=${limit}${cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`}`;

export const api = {
  me: () => get<Me>("/api/me"),

  signIn: async (email: string, password: string) =>
    (await send<Session>("POST", "/api/sessions", { email, password })).body,

  register: async (registration: Registration) =>
    (await send<Registered>("POST", "/api/users/register", registration)).body,

  user: (id: number) => get<User>(`/api/users/${id}`),

  users: (limit: number, cursor: string | null) =>
    get<Page<User>>(page("/api/users", limit, cursor)),

  setActive: async (id: number, isActive: boolean) =>
    (await send<User>("PATCH", `/api/users/${id}`, { is_active: isActive })).body,

  referrals: (id: number) => get<Referrals>(`/api/users/${id}/referrals`),

  earnings: (id: number) => get<Earnings>(`/api/earnings/${id}`),

  entries: (id: number, limit: number, cursor: string | null) =>
    get<Page<Entry>>(page(`/api/earnings/${id}/entries`, limit, cursor)),

  chart: (id: number) => get<EarningsChart>(`/api/earnings/${id}/chart`),

  stats: () => get<Stats>("/api/stats"),

  purchases: (limit: number, cursor: string | null) =>
    get<Page<PurchaseRow>>(page("/api/purchases", limit, cursor)),

  reportPurchase: async (purchase: NewPurchase) => {
    const { body, headers } = await send<Purchase>("POST", "/api/purchases", purchase);
    return { purchase: body, replayed: headers.get("Idempotent-Replayed") === "true" };
  },
};
