import { type ArcElement, Chart, type ChartConfiguration, type Plugin } from "chart.js";
import { useCallback } from "preact/hooks";

import { formatMoney, formatShare, fromMinor, type LevelAmount, toMinor } from "../core/money";
import { levelName } from "../words";
import { ChartCanvas, type Ink } from "./chart";
import { Figure } from "./figure";

/** Smaller arcs have no room for their name, in radians. */
const NAMED_ARC = 0.35;

/** Commission by level: a doughnut with its figures written beside it. */
export function LevelChart({ levels, currency }: { levels: LevelAmount[]; currency: string }) {
  const total = fromMinor(levels.reduce((sum, { amount }) => sum + toMinor(amount), 0n));
  const key = levels.map(({ amount }) => amount).join();
  const configure = useCallback((ink: Ink) => doughnut(levels, currency, ink), [key, currency]);
  return (
    <div class="level-chart">
      <div class="doughnut">
        <ChartCanvas class="chart-square" label="Commission by level" configure={configure} />
        <p class="doughnut-total">
          <span>Total</span>
          <Figure as="strong" class="doughnut-figure" text={formatMoney(total, currency)} />
        </p>
      </div>
      <table class="legend">
        <caption class="visually-hidden">Commission by level</caption>
        <thead class="visually-hidden">
          <tr>
            <th scope="col">Level</th>
            <th scope="col">Amount</th>
            <th scope="col">Share</th>
          </tr>
        </thead>
        <tbody>
          {levels.map(({ level, amount }) => (
            <tr key={level}>
              <th scope="row">
                <span class={`swatch level-${level}`} aria-hidden="true" />
                <span>
                  Level {level}
                  <small>{levelName(level)}</small>
                </span>
              </th>
              <td>{formatMoney(amount, currency)}</td>
              <td class="share">{formatShare(amount, total)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function doughnut(all: LevelAmount[], currency: string, ink: Ink): ChartConfiguration {
  const levels = all.filter(({ amount }) => toMinor(amount) > 0n);
  const empty = levels.length === 0;
  return {
    type: "doughnut",
    data: {
      labels: levels.map(({ level }) => `Level ${level}`),
      datasets: [
        {
          data: empty ? [1] : levels.map(({ amount }) => Number(amount)),
          backgroundColor: empty ? ink("sunken") : levels.map(({ level }) => ink(`level-${level}`)),
          borderColor: ink("surface"),
          // Alone, an arc is the whole ring, without a gap.
          borderWidth: levels.length > 1 ? 3 : 0,
          borderRadius: levels.length > 1 ? 4 : 0,
        },
      ],
    },
    options: {
      cutout: "68%",
      plugins: {
        [arcNames.id]: { color: ink("on-level") },
        tooltip: {
          enabled: !empty,
          callbacks: {
            label: ({ dataIndex }) => formatMoney(levels[dataIndex]?.amount ?? "0", currency),
          },
        },
      },
    } as ChartConfiguration["options"] & object,
    plugins: [arcNames],
  };
}

/** Writes `L1`, `L2` on the arcs, so that colour is not all that tells them apart. */
const arcNames: Plugin = {
  id: "arc-names",
  afterDatasetsDraw(chart, _args, { color }: { color: string }) {
    const { ctx } = chart;
    ctx.save();
    ctx.fillStyle = color;
    ctx.font = `600 ${Chart.defaults.font.size}px ${Chart.defaults.font.family}`;
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    chart.getDatasetMeta(0).data.forEach((arc, index) => {
      const name = chart.data.labels?.[index];
      const { circumference } = arc as ArcElement;
      const { x, y } = arc.tooltipPosition(false);
      if (typeof name === "string" && circumference > NAMED_ARC) {
        ctx.fillText(name.replace("Level ", "L"), x ?? 0, y ?? 0);
      }
    });
    ctx.restore();
  },
};
