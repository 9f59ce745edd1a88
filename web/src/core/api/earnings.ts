/** A member's ledger: totals, lines, months, why, and corrections by hand. */
import { download, get, send } from "../http";
import type { Outcome } from "./purchases";
import { type LevelKey, type Money, type Page, page, type Sent, sent, type Timestamp } from "./wire";

export interface Earnings {
  user_id: number;
  currency: string;
  total_earnings: Money;
  commissions: Money;
  reversed: Money;
  paid: Money;
  adjusted: Money;
  balance: Money;
  /** Earned, but on hold. */
  pending: Money;
  /** The part of the balance that can be paid out now. */
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
  /** What was written for the member to read; live lines come without it. */
  reason?: string | null;
  created_at: Timestamp;
  /** Which day, and which month, it belongs to. */
  booked_at: Timestamp;
}

export interface Source {
  user_id: number;
  user_name: string;
  level: number;
  amount_earned: Money;
  purchases: number;
}

/** Everybody who is not among the sources: with them, all that was earned. */
export interface OtherSources {
  people: number;
  amount_earned: Money;
  purchases: number;
}

export interface EarningsChart {
  user_id: number;
  level_distribution: Record<LevelKey, Money>;
  /** The first hundred, most earned first. */
  sources: Source[];
  others: OtherSources;
  next_cursor: string | null;
}

/** What one level of a purchase came to, with the arithmetic. */
export interface ChainLink {
  level: number;
  user_id: number | null;
  user_name: string | null;
  outcome: Outcome;
  rate: string;
  base: Money;
  /** Before rounding: more than two decimals where there are. */
  exact: string;
  amount: Money;
}

/** Why an entry is there. */
export interface Explanation {
  entry: Entry;
  purchase: {
    purchase_id: number;
    amount: Money;
    refunded: Money;
    net: Money;
    plan_version: number;
    created_at: Timestamp;
  } | null;
  sentences: string[];
  chain: ChainLink[] | null;
}

/** `2026-11`. */
export type Month = string;

/** A line in the statement of its month. */
export interface StatementLine extends Entry {
  /** The statement's balance after it; `balance` is the ledger's. */
  statement_balance: Money;
}

/** A month, and whether something can still be booked in it. */
export interface MonthState {
  month: Month;
  time_zone: string;
  closed_at: Timestamp | null;
  reopened_at: Timestamp | null;
}

/** What was booked since the day of the programme began. */
export interface Today {
  seq: number;
  time_zone: string;
  began_at: Timestamp;
  earned: Money;
}

export interface Statement {
  user_id: number;
  user_name: string;
  month: Month;
  time_zone: string;
  closed_at: Timestamp | null;
  reopened_at: Timestamp | null;
  currency: string;
  opening_balance: Money;
  closing_balance: Money;
  commissions: Money;
  reversed: Money;
  paid: Money;
  adjusted: Money;
  /** In the order of their booking. */
  entries: StatementLine[];
  truncated?: boolean;
}

export interface NewAdjustment {
  direction: "credit" | "debit";
  amount: Money;
  reason: string;
  reference: string;
}

export interface Adjustment extends NewAdjustment {
  adjustment_id: number;
  user_id: number;
  created_at: Timestamp;
}

export const earnings = {
  earnings: (id: number) => get<Earnings>(`/api/earnings/${id}`),

  entries: (id: number, limit: number, cursor: string | null) =>
    get<Page<Entry>>(page(`/api/earnings/${id}/entries`, limit, cursor)),

  chart: (id: number) => get<EarningsChart>(`/api/earnings/${id}/chart`),

  today: (id: number) => get<Today>(`/api/earnings/${id}/today`),

  months: (id: number) =>
    get<{ data: MonthState[] }>(`/api/earnings/${id}/months`).then(({ data }) => data),

  explain: (entry: string) => get<Explanation>(`/api/entries/${entry}/explain`),

  statement: (id: number, month: Month) =>
    get<Statement>(`/api/earnings/${id}/statement?month=${month}`),

  statementCsv: (id: number, month: Month) =>
    download(`/api/earnings/${id}/statement.csv?month=${month}`),

  adjust: async (id: number, adjustment: NewAdjustment): Promise<Sent<Adjustment>> =>
    sent(await send<Adjustment>("POST", `/api/users/${id}/adjustments`, adjustment)),
};
