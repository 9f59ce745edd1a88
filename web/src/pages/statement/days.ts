/** A month by days, for statements too busy to be printed line by line. */
import type { EntryKind, Money, StatementLine } from "../../core/api";
import { add } from "../../core/money";
import { counted } from "../../words";

/** One day of a statement. */
export interface Day {
  /** A moment of it. */
  at: string;
  counts: Map<EntryKind, number>;
  /** What its entries come to. */
  amount: Money;
  /** After the last of them. */
  balance: Money;
}

/** The days on which something was booked, in their order. */
export function daysOf(entries: StatementLine[], dayOf: (entry: StatementLine) => string): Day[] {
  const days = new Map<string, Day>();
  for (const entry of entries) {
    const key = dayOf(entry);
    const day = days.get(key) ?? { at: entry.booked_at, counts: new Map(), amount: "0.00", balance: "0.00" };
    day.counts.set(entry.kind, (day.counts.get(entry.kind) ?? 0) + 1);
    days.set(key, { ...day, amount: add(day.amount, entry.amount), balance: entry.statement_balance });
  }
  return [...days.values()];
}

const NOUNS: Record<EntryKind, [one: string, many: string]> = {
  commission: ["commission", "commissions"],
  reversal: ["reversal", "reversals"],
  payout: ["payout", "payouts"],
  payout_returned: ["returned payout", "returned payouts"],
  adjustment: ["adjustment", "adjustments"],
};

/** "12 commissions, 1 payout". */
export const describeDay = ({ counts }: Day) =>
  [...counts].map(([kind, count]) => counted(count, ...NOUNS[kind])).join(", ");
