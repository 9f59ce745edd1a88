/** What the program says in plain words, in one place. */
import type { Decision, Entry, EntryKind, Outcome, PayoutStatus, Rounding } from "./core/api";
import { formatMoney, localeOf, programmeCurrency } from "./core/money";
import { nameOf } from "./core/names";

export const KIND_WORDS: Record<EntryKind, string> = {
  commission: "Commission",
  reversal: "Reversed after a refund",
  payout: "Payout",
  payout_returned: "Payout returned",
  adjustment: "Adjustment",
};

/** "Level 2 commission", "Level 1, reversed after a refund". */
export function describeKind({ kind, level }: Entry): string {
  if (level === null) return KIND_WORDS[kind];
  return kind === "commission"
    ? `Level ${level} commission`
    : `Level ${level}, ${KIND_WORDS[kind].toLowerCase()}`;
}

/** What is asked of an entry when it is opened. */
export const WHY_WORDS: Record<EntryKind, string> = {
  commission: "Why this commission?",
  reversal: "Why was this taken back?",
  payout: "What was paid out?",
  payout_returned: "Why did this come back?",
  adjustment: "Why this adjustment?",
};

const MASK = "•••";

/** A name as it is; a masked one with the member's number, so that two of them are told apart. */
export const personName = (name: string, id: number | null) =>
  id !== null && name.endsWith(MASK) ? `${name}\u00a0${id}` : name;

/** "Commission, Priya Nair": for what is read aloud. */
export function describeEntry(entry: Entry): string {
  const kind = KIND_WORDS[entry.kind];
  return entry.from_user === null ? kind : `${kind}, ${personName(entry.from_user, entry.from_user_id)}`;
}

export function levelName(level: number): string {
  if (level === 1) return "Direct referrals";
  if (level === 2) return "Their referrals";
  return `${level} steps away`;
}

export const pays = (outcome: Outcome) => outcome === "paid" || outcome === "capped";

/** What one level of a purchase came to: "Asha Rao earns ₹125.00, 5% of ₹2,500.00". */
export function describeDecision(
  decision: Decision,
  purchase: { amount: string; currency: string },
): { earns: boolean; text: string } {
  const who = decision.user_id === null ? "" : nameOf(decision.user_id);
  const of = `${decision.rate} of ${formatMoney(purchase.amount, purchase.currency)}`;
  const paid = formatMoney(decision.amount, purchase.currency);
  const texts: Record<Outcome, string> = {
    paid: `${who} earns ${paid}, ${of}`,
    capped: `${who} earns ${paid}, the most one level can pay; ${of} would be more`,
    below_threshold: "nothing, the amount is not above the plan’s threshold",
    inactive: `nothing, ${who === "" ? "the member" : who} is inactive`,
    no_referrer: "nothing, there is no referrer this far up",
    rounds_to_zero: `nothing, ${of} rounds to zero`,
  };
  return { earns: pays(decision.outcome), text: texts[decision.outcome] };
}

/** The short form, for a mark in a table. */
export const OUTCOME_WORDS: Record<Outcome, string> = {
  paid: "paid",
  capped: "capped",
  below_threshold: "below threshold",
  inactive: "inactive",
  no_referrer: "no referrer",
  rounds_to_zero: "rounds to zero",
};

export const STATUS_WORDS: Record<PayoutStatus, string> = {
  pending: "Pending",
  paid: "Paid",
  failed: "Failed",
};

export const ROUNDING_WORDS: Record<Rounding, string> = {
  half_up: "To two decimals, halves up",
  half_even: "To two decimals, halves to even",
  down: "Down to two decimals",
};

/** Grouped as the programme's money is. */
export const formatCount = (count: number) =>
  count.toLocaleString(localeOf(programmeCurrency.value));

/** "1 payout", "1,204 payouts". */
export const counted = (count: number, one: string, many = `${one}s`) =>
  `${formatCount(count)} ${count === 1 ? one : many}`;
