/** Who is due, and what became of what was sent. */
import { download, get, send } from "../http";
import { type Money, type Page, page, type Sent, sent, type Timestamp } from "./wire";

export interface DueMember {
  user_id: number;
  user_name: string;
  email: string;
  amount: Money;
}

/** What a run would pay. */
export interface PayoutPreview {
  minimum: Money;
  payouts: number;
  total: Money;
  currency: string;
  /** The first of them; all are counted. */
  data: DueMember[];
}

export interface PayoutRun {
  run_id: number;
  reference: string | null;
  minimum: Money;
  payouts: number;
  total: Money;
  currency: string;
  created_at: Timestamp;
  /** The run is full: others may still be due. */
  more?: boolean;
}

/** What is to be known of a payout; there may be kinds that this page does not know. */
export interface PayoutWarning {
  kind: "refunded_sale" | "backdated_sale" | (string & {});
  payout_id: number;
  status: PayoutStatus;
  user_id: number;
  user_name: string;
  purchase_id: number;
  refund_id: number | null;
  amount: Money;
  created_at: Timestamp;
}

export interface PayoutRunInFull extends PayoutRun {
  warnings: PayoutWarning[];
  more_warnings: boolean;
}

/** What became of many payouts that were settled together. */
export interface SettledTogether {
  run_id: number;
  settled: number;
  already: number;
  conflicts: { payout_id: number; code: string; detail: string }[];
}

/** In which order those are named who are due. */
export type DueOrder = "user" | "amount";

export type PayoutStatus = "pending" | "paid" | "failed";

export interface Payout {
  payout_id: number;
  run_id: number;
  user_id: number;
  user_name: string;
  amount: Money;
  status: PayoutStatus;
  reason: string | null;
  created_at: Timestamp;
  settled_at: Timestamp | null;
}

export type Settlement = { status: "paid" } | { status: "failed"; reason: string };

export const payouts = {
  previewPayouts: (minimum: Money, order: DueOrder) =>
    get<PayoutPreview>(`/api/payouts/preview?minimum=${encodeURIComponent(minimum)}&sort=${order}`),

  payoutRuns: (limit: number, cursor: string | null) =>
    get<Page<PayoutRun>>(page("/api/payouts/runs", limit, cursor)),

  payoutRun: (id: number) => get<PayoutRunInFull>(`/api/payouts/runs/${id}`),

  payoutsOfRunCsv: (id: number) => download(`/api/payouts/runs/${id}/payouts.csv`),

  payoutsOfRun: (id: number, limit: number, cursor: string | null) =>
    get<Page<Payout>>(page(`/api/payouts/runs/${id}/payouts`, limit, cursor)),

  payoutsOfUser: (id: number, limit: number, cursor: string | null) =>
    get<Page<Payout>>(page(`/api/users/${id}/payouts`, limit, cursor)),

  makePayoutRun: async (run: { minimum: Money; reference: string }): Promise<Sent<PayoutRun>> =>
    sent(await send<PayoutRun>("POST", "/api/payouts/runs", run)),

  settlePayout: async (id: number, settlement: Settlement) =>
    (await send<Payout>("PATCH", `/api/payouts/${id}`, settlement)).body,

  settlePayouts: async (run: number, which: { ids: number[] } | { all: true }, settlement: Settlement) =>
    (await send<SettledTogether>("PATCH", `/api/payouts/runs/${run}`, { ...which, ...settlement })).body,
};
