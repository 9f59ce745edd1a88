import type { ChartConfiguration } from "chart.js";
import { useCallback } from "preact/hooks";

import type { OtherSources, Source } from "../core/api";
import { formatCompact, formatMoney, isZero } from "../core/money";
import { counted, formatCount, personName } from "../words";
import { ChartCanvas, type Ink } from "./chart";
import { DataTable } from "./data-table";

const BARS = 8;
const NAME_LETTERS = 13;

interface SourceChartProps {
  sources: Source[];
  /** Everybody below the sources. */
  others: OtherSources;
  currency: string;
}

/** What each person's purchases have earned the member, most first. */
export function SourceChart({ sources, others, currency }: SourceChartProps) {
  const top = sources.filter((source) => !isZero(source.amount_earned)).slice(0, BARS);
  const key = top.map((source) => `${source.user_id}:${source.level}:${source.amount_earned}`).join();
  const configure = useCallback((ink: Ink) => bars(top, currency, ink), [key, currency]);
  const people = sources.length + others.people;
  const shown =
    people > BARS ? `the ${BARS} of ${formatCount(people)} who earned you most` : "all of them";
  return (
    <>
      <ChartCanvas class="chart-bars" label={`Earned per person, ${shown}`} configure={configure} />
      <details class="chart-table">
        <summary>
          {people > BARS ? `Show ${tableSize(sources, others)} as a table` : "Show as a table"}
        </summary>
        <DataTable
          caption="Earned per person"
          rows={sources}
          rowKey={(source) => `${source.user_id}-${source.level}`}
          columns={[
            { header: "Person", cell: (source) => personName(source.user_name, source.user_id), narrow: "title" },
            { header: "Level", cell: (source) => source.level },
            { header: "Purchases", figure: true, cell: (source) => source.purchases },
            {
              header: "Earned",
              figure: true,
              narrow: "value",
              cell: (source) => formatMoney(source.amount_earned, currency),
            },
          ]}
        />
        {others.people > 0 && (
          <p class="card-note">
            and {counted(others.people, "other")}:{" "}
            <strong>{formatMoney(others.amount_earned, currency)}</strong> from{" "}
            {counted(others.purchases, "purchase")}
          </p>
        )}
      </details>
    </>
  );
}

const tableSize = (sources: Source[], others: OtherSources) =>
  others.people > 0 ? `the first ${sources.length}` : `all ${sources.length}`;

const shorten = (name: string) =>
  name.length > NAME_LETTERS ? `${name.slice(0, NAME_LETTERS - 1)}…` : name;

function bars(sources: Source[], currency: string, ink: Ink): ChartConfiguration {
  const text = ink("text-2");
  return {
    type: "bar",
    data: {
      labels: sources.map(({ user_id, user_name, level }) => `${shorten(personName(user_name, user_id))} · L${level}`),
      datasets: [
        {
          data: sources.map(({ amount_earned }) => Number(amount_earned)),
          backgroundColor: sources.map(({ level }) => ink(`level-${level}`)),
          borderRadius: 4,
          maxBarThickness: 18,
        },
      ],
    },
    options: {
      indexAxis: "y",
      scales: {
        x: {
          beginAtZero: true,
          border: { display: false },
          grid: { color: ink("line") },
          ticks: {
            color: text,
            maxTicksLimit: 5,
            callback: (value) => formatCompact(Number(value), currency),
          },
        },
        y: { border: { display: false }, grid: { display: false }, ticks: { color: text } },
      },
      plugins: {
        tooltip: {
          displayColors: false,
          callbacks: {
            label: ({ dataIndex }) => {
              const source = sources[dataIndex];
              if (!source) return "";
              const earned = formatMoney(source.amount_earned, currency);
              return `${earned} from ${counted(source.purchases, "purchase")}`;
            },
          },
        },
      },
    },
  };
}
