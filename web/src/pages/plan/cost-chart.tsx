import type { ChartConfiguration } from "chart.js";
import { useCallback } from "preact/hooks";

import type { Money } from "../../core/api";
import { formatCompact, formatMoney } from "../../core/money";
import { ChartCanvas, type Ink } from "../../ui/chart";

/** What one level cost, and what it would have cost. */
export interface Compared {
  level: number;
  was: Money;
  would: Money;
}

/** Two bars for each level; the table beneath has the figures. */
export function CostChart({ rows, currency }: { rows: Compared[]; currency: string }) {
  const key = rows.map(({ level, was, would }) => `${level}:${was}:${would}`).join();
  const configure = useCallback((ink: Ink) => bars(rows, currency, ink), [key, currency]);
  return (
    <>
      <p class="chart-key">
        <span class="swatch cost-was" aria-hidden="true" /> As it was
        <span class="swatch cost-would" aria-hidden="true" /> Under this plan
      </p>
      <ChartCanvas
        class={rows.length > 4 ? "chart-bars" : "chart-bars-few"}
        label="Commission by level, as it was and under this plan"
        configure={configure}
      />
    </>
  );
}

function bars(rows: Compared[], currency: string, ink: Ink): ChartConfiguration {
  const text = ink("text-2");
  const series = (amounts: Money[], token: string) => ({
    data: amounts.map(Number),
    backgroundColor: ink(token),
    borderRadius: 4,
    maxBarThickness: 16,
  });
  return {
    type: "bar",
    data: {
      labels: rows.map(({ level }) => `Level ${level}`),
      datasets: [
        series(rows.map(({ was }) => was), "cost-was"),
        series(rows.map(({ would }) => would), "cost-would"),
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
            label: ({ dataIndex, datasetIndex }) => {
              const row = rows[dataIndex];
              if (!row) return "";
              return datasetIndex === 0
                ? `As it was: ${formatMoney(row.was, currency)}`
                : `Under this plan: ${formatMoney(row.would, currency)}`;
            },
          },
        },
      },
    },
  };
}
