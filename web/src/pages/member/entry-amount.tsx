import type { Entry } from "../../core/api";
import { formatChange, isNegative } from "../../core/money";

/** What an entry did to the balance. The sign is written; the colour only repeats it. */
export function EntryAmount({ entry, currency }: { entry: Entry; currency: string }) {
  return <span class={`amount ${toneOf(entry)}`}>{formatChange(entry.amount, currency)}</span>;
}

function toneOf({ kind, amount }: Entry): "gain" | "loss" | "" {
  // Money that is paid out is not lost.
  if (kind === "payout" || kind === "payout_returned") return "";
  return isNegative(amount) ? "loss" : "gain";
}
