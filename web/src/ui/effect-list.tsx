import type { Effect } from "../core/api";
import { formatMoney, isNegative, negate } from "../core/money";
import { counted } from "../words";

interface EffectListProps {
  effects: Effect[];
  currency: string;
}

/** What each person would lose or get, and what her balance would be. */
export function EffectList({ effects, currency }: EffectListProps) {
  if (effects.length === 0) return <p>Nobody’s balance changes.</p>;
  const money = (amount: string) => formatMoney(amount, currency);
  return (
    <ul class="effects" aria-label={`What ${counted(effects.length, "person", "people")} would lose or get`}>
      {effects.map(({ user_id, user_name, amount, balance_before, balance }) => (
        <li key={user_id}>
          <span>
            <strong>{user_name}</strong>{" "}
            {isNegative(amount) ? `loses ${money(negate(amount))}` : `gets ${money(amount)}`}
          </span>
          <small>
            {money(balance_before)} → {money(balance)}
            {isNegative(balance) && !isNegative(balance_before) && ", which is below zero"}
          </small>
        </li>
      ))}
    </ul>
  );
}
