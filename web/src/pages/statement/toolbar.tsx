import type { Signal } from "@preact/signals";
import { useId } from "preact/hooks";

import { api, type Month, type MonthState } from "../../core/api";
import { saveFile } from "../../core/device";
import { useTask } from "../../core/task";
import { formatMonth } from "../../core/time";
import { Button } from "../../ui/button";
import { Icon } from "../../ui/icons";
import { ProblemNote } from "../../ui/states";
import type { Lines } from "./paper";

interface ToolbarProps {
  id: number;
  month: Signal<Month>;
  /** Those that have a statement, newest first. */
  months: MonthState[];
  lines: Lines;
  onLines: (lines: Lines) => void;
}

/** Which month, and the ways to take it along; not printed. */
export function Toolbar({ id, month, months: known, lines, onLines }: ToolbarProps) {
  const select = useId();
  const task = useTask();
  const named = new Set([...known.map((each) => each.month), month.value]);
  const months = [...named].sort().reverse();
  const closed = new Set(known.filter((each) => each.closed_at !== null).map((each) => each.month));
  const at = months.indexOf(month.value);
  const show = (to: Month | undefined) => {
    if (to !== undefined) month.value = to;
  };
  const save = () =>
    task.run(async () => {
      const file = await api.statementCsv(id, month.value);
      saveFile(file, `statement-${id}-${month.value}.csv`);
    });

  return (
    <>
      <div class="toolbar">
        <div class="month-picker">
          <Button
            class="button icon-only"
            aria-label="The month before"
            off={at === months.length - 1}
            onClick={() => show(months[at + 1])}
          >
            <Icon name="back" />
          </Button>
          <label class="visually-hidden" for={select}>
            Month
          </label>
          <select
            id={select}
            value={month.value}
            onChange={(event) => show(event.currentTarget.value)}
          >
            {months.map((each) => (
              <option key={each} value={each}>
                {formatMonth(each)}
                {closed.has(each) && " · closed"}
              </option>
            ))}
          </select>
          <Button
            class="button icon-only"
            aria-label="The month after"
            off={at <= 0}
            onClick={() => show(months[at - 1])}
          >
            <Icon name="forward" />
          </Button>
        </div>
        <label class="visually-hidden" for={`${select}-lines`}>
          Lines
        </label>
        <select
          id={`${select}-lines`}
          value={lines}
          onChange={(event) => onLines(event.currentTarget.value as Lines)}
        >
          <option value="entry">Every entry</option>
          <option value="day">By day</option>
        </select>
        <span class="spring" />
        <Button class="button" off={task.busy.value} onClick={() => void save()}>
          <Icon name="download" />
          CSV
        </Button>
        <button type="button" class="button" onClick={() => print()}>
          <Icon name="print" />
          Print
        </button>
      </div>
      {task.problem.value && <ProblemNote problem={task.problem.value} onRetry={save} />}
    </>
  );
}
