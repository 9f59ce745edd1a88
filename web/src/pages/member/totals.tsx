import type { Today, Earnings, Money } from "../../core/api";
import { formatChange, formatMoney, isNegative, isZero, levelsOf, taken } from "../../core/money";
import { levelName } from "../../words";
import { Figure } from "../../ui/figure";
import { Roots } from "./roots";

/** More of them stand closer together. */
const FEW_LEVELS = 3;

interface TotalsProps {
  earnings: Earnings;
  today: Today | null;
}

/** The balance and how much of it can be paid out, what it is made of, and what each level brought. */
export function Totals({ earnings, today }: TotalsProps) {
  const { currency } = earnings;
  const levels = levelsOf(earnings.by_level);
  const below = isNegative(earnings.balance);
  return (
    <section class="totals" aria-label="Totals">
      <Roots />
      <div class="totals-main">
        <div class="totals-balance">
          <p class="totals-label">
            Balance {below && <span class="totals-tag">below zero</span>}
          </p>
          <Figure
            class={below ? "totals-figure below-zero" : "totals-figure"}
            text={formatMoney(earnings.balance, currency)}
          />
          <p class="totals-today">
            {today && isZero(today.earned) && "Nothing yet today"}
            {today && !isZero(today.earned) && (
              <>
                <strong>{formatChange(today.earned, currency)}</strong> today
              </>
            )}
          </p>
        </div>
        <dl class={levels.length > FEW_LEVELS ? "totals-levels many" : "totals-levels"}>
          <div>
            <dt>Total earnings</dt>
            <dd>{formatMoney(earnings.total_earnings, currency)}</dd>
          </div>
          {levels.map(({ level, amount }) => (
            <div key={level}>
              <dt>
                Level {level} <span>{levelName(level).toLowerCase()}</span>
              </dt>
              <dd>{formatMoney(amount, currency)}</dd>
            </div>
          ))}
        </dl>
      </div>
      <Parts earnings={earnings} />
    </section>
  );
}

/** What can be paid out and what waits; then how the balance adds up. */
function Parts({ earnings }: { earnings: Earnings }) {
  const payable: Part[] = [
    { name: "Available", amount: isNegative(earnings.available) ? "0.00" : earnings.available },
    { name: "On hold", amount: earnings.pending },
  ];
  const sums: Part[] = [
    { name: "Commissions", amount: earnings.commissions },
    { name: "Reversed", amount: taken(earnings.reversed) },
    { name: "Paid out", amount: taken(earnings.paid) },
    { name: "Adjusted", amount: earnings.adjusted },
  ];
  return (
    <dl class="totals-parts">
      {payable.map((part) => (
        <PartFigure key={part.name} part={part} currency={earnings.currency} look="payable" />
      ))}
      {sums.map((part) => (
        <PartFigure key={part.name} part={part} currency={earnings.currency} look="sum" />
      ))}
    </dl>
  );
}

interface Part {
  name: string;
  amount: Money;
}

function PartFigure({ part, currency, look }: { part: Part; currency: string; look: string }) {
  return (
    <div class={`part-${look}`}>
      <dt>{part.name}</dt>
      <dd>{formatMoney(part.amount, currency)}</dd>
    </div>
  );
}
