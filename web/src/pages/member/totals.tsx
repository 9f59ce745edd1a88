import type { Earnings, Money } from "../../core/api";
import {
  formatChange,
  formatMoney,
  isNegative,
  isZero,
  levelsOf,
  negate,
} from "../../core/money";
import { levelName } from "../../words";
import type { Gained } from "./book";
import { Roots } from "./roots";

interface TotalsProps {
  earnings: Earnings;
  gained: Gained | null;
}

/** The balance, what it is made of, and what each level has brought. */
export function Totals({ earnings, gained }: TotalsProps) {
  const { currency } = earnings;
  return (
    <section class="totals" aria-label="Totals">
      <Roots />
      <div class="totals-main">
        <div class="totals-balance">
          <p class="totals-label">Balance</p>
          <p class="totals-figure">{formatMoney(earnings.balance, currency)}</p>
          <p class="totals-today">
            {gained && isZero(gained.amount) && `Nothing yet ${gained.since}`}
            {gained && !isZero(gained.amount) && (
              <>
                <strong>{formatChange(gained.amount, currency)}</strong> {gained.since}
              </>
            )}
          </p>
        </div>
        <dl class="totals-levels">
          <div>
            <dt>Total earnings</dt>
            <dd>{formatMoney(earnings.total_earnings, currency)}</dd>
          </div>
          {levelsOf(earnings.by_level).map(({ level, amount }) => (
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

/** How the balance adds up. */
function Parts({ earnings }: { earnings: Earnings }) {
  const parts: { name: string; amount: Money }[] = [
    { name: "Commissions", amount: earnings.commissions },
    { name: "Reversed", amount: negative(earnings.reversed) },
    { name: "Paid out", amount: negative(earnings.paid) },
    { name: "Adjusted", amount: earnings.adjusted },
  ];
  const waits = !isZero(earnings.pending);
  return (
    <dl class="totals-parts">
      {parts.map(({ name, amount }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{formatMoney(amount, earnings.currency)}</dd>
        </div>
      ))}
      {waits && (
        <div>
          <dt>Not payable yet</dt>
          <dd>{formatMoney(earnings.pending, earnings.currency)}</dd>
        </div>
      )}
    </dl>
  );
}

/** What was taken, with its minus sign. */
const negative = (amount: Money) => (isZero(amount) || isNegative(amount) ? amount : negate(amount));
