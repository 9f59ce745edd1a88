import {
  ArcElement,
  BarController,
  BarElement,
  CategoryScale,
  Chart,
  type ChartConfiguration,
  type ChartData,
  DoughnutController,
  LinearScale,
  Tooltip,
} from "chart.js";
import { useEffect, useRef } from "preact/hooks";

import { prefersReducedMotion } from "../core/device";
import { isDark } from "../core/theme";

Chart.register(
  ArcElement,
  BarController,
  BarElement,
  CategoryScale,
  DoughnutController,
  LinearScale,
  Tooltip,
);
Chart.defaults.maintainAspectRatio = false;
Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
// Four fifths of what the reader has set for the text.
Chart.defaults.font.size = 0.8 * Number.parseFloat(getComputedStyle(document.body).fontSize);

/** How long a chart takes to move, and how often it does at most, in ms: while it moves it keeps a core busy. */
const MOVE_MS = 500;
const MOVE_EVERY_MS = 3_000;

/** The colours of the theme in force, as a canvas wants them. */
export type Ink = (token: string) => string;

interface ChartCanvasProps {
  label: string;
  /** Called again, with the new colours, when the data or the theme changes. */
  configure: (ink: Ink) => ChartConfiguration;
  class: string;
}

export function ChartCanvas({ label, configure, class: size }: ChartCanvasProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const chart = useRef<Chart | null>(null);
  const movedAt = useRef(Number.NEGATIVE_INFINITY);
  const dark = isDark();

  const draw = (pace: "moving" | "at once") => {
    const element = canvas.current;
    if (!element) return;
    movedAt.current = performance.now();
    const ink: Ink = (token) => resolveInk(element, token);
    const { type, data, options = {}, plugins } = configure(ink);
    options.plugins = { ...options.plugins, tooltip: { ...tooltip(ink), ...options.plugins?.tooltip } };
    options.animation = prefersReducedMotion() ? false : { duration: MOVE_MS };
    if (chart.current) {
      moveTo(chart.current, data);
      chart.current.options = options;
      chart.current.stop().update(pace === "at once" ? "none" : undefined);
    } else {
      chart.current = new Chart(element, { type, data, options, ...(plugins && { plugins }) });
    }
  };
  useEffect(() => {
    const rest = movedAt.current + MOVE_EVERY_MS - performance.now();
    if (rest <= 0) return draw("moving");
    const soon = setTimeout(() => draw("moving"), rest);
    return () => clearTimeout(soon);
  }, [configure]);
  useEffect(() => {
    if (chart.current) draw("at once");
  }, [dark]);
  useEffect(() => onPaper(canvas, () => draw("at once")), [configure]);
  useEffect(() => () => chart.current?.destroy(), []);

  return (
    <div class={`chart ${size}`}>
      <canvas ref={canvas} role="img" aria-label={label} />
    </div>
  );
}

/** A tooltip that looks like a small card of the page. */
const tooltip = (ink: Ink) => ({
  backgroundColor: ink("surface"),
  borderColor: ink("line-strong"),
  borderWidth: 1,
  bodyColor: ink("text"),
  titleColor: ink("text-2"),
  titleFont: { weight: 500 },
  bodyFont: { size: 13, weight: 600 },
  cornerRadius: 8,
  padding: 10,
  caretSize: 0,
  displayColors: false,
});

/**
 * Gives a chart its new values in place: what is drawn moves from where it is
 * to where it belongs, where a new data set would grow from nothing.
 */
function moveTo(chart: Chart, { labels, datasets }: ChartData): void {
  if (labels) chart.data.labels = labels;
  chart.data.datasets.length = datasets.length;
  for (const [index, dataset] of datasets.entries()) {
    chart.data.datasets[index] = Object.assign(chart.data.datasets[index] ?? {}, dataset);
  }
}

/** Draws again before and after it is printed: paper is white, whatever the theme. */
function onPaper({ current: element }: { current: HTMLElement | null }, draw: () => void): () => void {
  const drawnFor = (scheme: "light" | "") => () => {
    if (element) element.style.colorScheme = scheme;
    draw();
  };
  const [before, after] = [drawnFor("light"), drawnFor("")];
  addEventListener("beforeprint", before);
  addEventListener("afterprint", after);
  return () => {
    removeEventListener("beforeprint", before);
    removeEventListener("afterprint", after);
  };
}

/** `light-dark()` inside a custom property is only resolved where it is used. */
function resolveInk(element: HTMLElement, token: string): string {
  element.style.color = `var(--${token})`;
  return getComputedStyle(element).color;
}
