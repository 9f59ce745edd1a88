import type { Money } from "../core/api";
import { formatChange, isNegative, isZero } from "../core/money";

/** A change of a balance: the sign is written, the colour only repeats it. */
export function Change({ amount, currency }: { amount: Money; currency: string }) {
  const tone = isZero(amount) ? "" : isNegative(amount) ? "loss" : "gain";
  return <span class={`amount ${tone}`}>{formatChange(amount, currency)}</span>;
}
