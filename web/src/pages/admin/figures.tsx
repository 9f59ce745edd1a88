import type { Stats } from "../../core/api";
import { formatMoney, formatShare, isZero, negate, subtract } from "../../core/money";
import { Roots } from "../member/roots";
import { Figure } from "../../ui/figure";
import { Time } from "../../ui/time";
import { formatCount } from "../../words";

/** The programme in four figures. */
export function Figures({ stats }: { stats: Stats }) {
  const { currency } = stats;
  const cost = subtract(stats.commissions, stats.reversed);
  return (
    <section class="totals" aria-label="Programme totals">
      <Roots />
      <div class="totals-main">
        <div class="totals-balance">
          <p class="totals-label">Sales</p>
          <Figure class="totals-figure" text={formatMoney(stats.sales, currency)} />
          <p class="totals-today">
            from <strong>{formatCount(stats.purchases)}</strong>{" "}
            {stats.purchases === 1 ? "purchase" : "purchases"}
          </p>
        </div>
        <dl class="totals-levels">
          <div>
            <dt>Net commission</dt>
            <dd>{formatMoney(cost, currency)}</dd>
          </div>
          <div>
            <dt>Share of sales</dt>
            <dd>{formatShare(cost, stats.sales)}</dd>
          </div>
          <div>
            <dt>
              Members <span>{formatCount(stats.active_members)} active</span>
            </dt>
            <dd>{formatCount(stats.members)}</dd>
          </div>
        </dl>
      </div>
      <dl class="totals-parts">
        <div>
          <dt>Commissions</dt>
          <dd>{formatMoney(stats.commissions, currency)}</dd>
        </div>
        {!isZero(stats.reversed) && (
          <div>
            <dt>Reversed after refunds</dt>
            <dd>{formatMoney(negate(stats.reversed), currency)}</dd>
          </div>
        )}
        <div>
          <dt>As of</dt>
          <dd>
            <Time at={stats.as_of} />
          </dd>
        </div>
      </dl>
    </section>
  );
}
