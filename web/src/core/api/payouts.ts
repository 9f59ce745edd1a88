/** Who is due, and what became of what was sent. */
import { get, send } from "../http";
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
  previewPayouts: (minimum: Money) =>
    get<PayoutPreview>(`/api/payouts/preview?minimum=${encodeURIComponent(minimum)}`),

  payoutRuns: (limit: number, cursor: string | null) =>
    get<Page<PayoutRun>>(page("/api/payouts/runs", limit, cursor)),

  payoutRun: (id: number) => get<PayoutRun>(`/api/payouts/runs/${id}`),

  payoutsOfRun: (id: number, limit: number, cursor: string | null) =>
    get<Page<Payout>>(page(`/api/payouts/runs/${id}/payouts`, limit, cursor)),

  payoutsOfUser: (id: number, limit: number, cursor: string | null) =>
    get<Page<Payout>>(page(`/api/users/${id}/payouts`, limit, cursor)),

  makePayoutRun: async (run: { minimum: Money; reference: string }): Promise<Sent<PayoutRun>> =>
    sent(await send<PayoutRun>("POST", "/api/payouts/runs", run)),

  settlePayout: async (id: number, settlement: Settlement) =>
    (await send<Payout>("PATCH", `/api/payouts/${id}`, settlement)).body,
};
