import type { Cost, Simulation } from "../../core/api";
import {
  formatChange,
  formatMoney,
  formatShare,
  isNegative,
  isZero,
  levelsOf,
  negate,
  subtract,
} from "../../core/money";
import { type Column, DataTable } from "../../ui/data-table";
import { Figure } from "../../ui/figure";
import { counted, formatCount, levelName } from "../../words";
import { ChangeTable } from "./change-table";
import { type Compared, CostChart } from "./cost-chart";

/** What past purchases cost, what they would have cost, and who would have gained or lost. */
export function WhatIfResult({ simulation }: { simulation: Simulation }) {
  const { currency, books, plan } = simulation;
  const rows = compare(books, plan);
  return (
    <div class="what-if">
      <div class="what-if-sums">
        <Sum name="As it was" cost={books} currency={currency} />
        <Sum name="Under this plan" cost={plan} currency={currency} />
        <div class="what-if-sum">
          <p>Difference</p>
          <Figure as="strong" class="what-if-figure" text={formatChange(simulation.difference, currency)} />
          <small>{changeInWords(simulation)}</small>
        </div>
      </div>
      <p class="card-note">
        {counted(simulation.purchases, "purchase")} of {formatMoney(simulation.sales, currency)}, of
        which {formatMoney(simulation.refunded, currency)} was refunded.
        {simulation.settled_elsewhere > 0 &&
          ` ${counted(simulation.settled_elsewhere, "purchase")} settled elsewhere did not count.`}
      </p>
      {rows.length > 0 && (
        <section aria-label="By level">
          <h3>By level</h3>
          <CostChart rows={rows} currency={currency} />
          <DataTable
            caption="Commission by level, as it was and under this plan"
            columns={columns(currency)}
            rows={rows}
            rowKey={(row) => row.level}
          />
        </section>
      )}
      <p>
        <strong>{formatCount(simulation.gain)}</strong> would have earned more,{" "}
        <strong>{formatCount(simulation.lose)}</strong> less,{" "}
        <strong>{formatCount(simulation.unchanged)}</strong> the same.
      </p>
      {simulation.gainers.length > 0 && (
        <ChangeTable title="Who gains most" changes={simulation.gainers} currency={currency} />
      )}
      {simulation.losers.length > 0 && (
        <ChangeTable title="Who loses most" changes={simulation.losers} currency={currency} />
      )}
      <p class="card-note">
        The tree stays as it is: with another limit of direct referrals, other members might have
        joined. Days on hold change when a commission can be paid out, not how much it is.
      </p>
    </div>
  );
}

function Sum({ name, cost, currency }: { name: string; cost: Cost; currency: string }) {
  return (
    <div class="what-if-sum">
      <p>{name}</p>
      <Figure as="strong" class="what-if-figure" text={formatMoney(cost.total, currency)} />
      <small>{cost.share_of_sales === null ? "no sales" : `${cost.share_of_sales} of sales`}</small>
    </div>
  );
}

function changeInWords({ difference, books }: Simulation): string {
  if (isZero(difference)) return "no change";
  if (isZero(books.total)) return "more than nothing";
  const size = isNegative(difference) ? negate(difference) : difference;
  return `${formatShare(size, books.total)} ${isNegative(difference) ? "less" : "more"}`;
}

function compare(books: Cost, plan: Cost): Compared[] {
  const under = new Map(levelsOf(plan.by_level).map(({ level, amount }) => [level, amount]));
  return levelsOf(books.by_level).map(({ level, amount }) => ({
    level,
    was: amount,
    would: under.get(level) ?? "0.00",
  }));
}

const columns = (currency: string): Column<Compared>[] => [
  {
    header: "Level",
    narrow: "title",
    cell: ({ level }) => (
      <span>
        Level {level}
        <small class="under">{levelName(level)}</small>
      </span>
    ),
  },
  { header: "As it was", figure: true, cell: ({ was }) => formatMoney(was, currency) },
  { header: "Under this plan", figure: true, cell: ({ would }) => formatMoney(would, currency) },
  {
    header: "Difference",
    figure: true,
    narrow: "value",
    cell: ({ was, would }) => formatChange(subtract(would, was), currency),
  },
];
