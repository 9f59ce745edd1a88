import type { ComponentChildren } from "preact";

import { clickRowButton } from "./row";
import { type Paper, sheetsOf } from "./sheets";

export interface Column<T> {
  header: string;
  cell: (row: T) => ComponentChildren;
  /** Figures stand on the right. */
  figure?: boolean;
  /** On a narrow screen: the heading of the row, its figure, or a line with its label. */
  narrow?: "title" | "value" | "line" | "hidden";
  /** Left out of a table that has to squeeze between narrow and wide. */
  roomy?: boolean;
}

interface DataTableProps<T> {
  caption: string;
  columns: Column<T>[];
  rows: T[];
  /** Live rows are keyed by their place. */
  rowKey: (row: T, place: number) => string | number;
  /** Of a table that is printed for its own sake. */
  paper?: Paper<T>;
}

/**
 * A table that becomes a list of rows on a narrow screen. The roles are spelled
 * out because a browser forgets them when the display of a table is changed.
 */
export function DataTable<T>({ caption, columns, rows, rowKey, paper }: DataTableProps<T>) {
  const sheets = paper ? sheetsOf(rows, paper.linesOf) : [rows];
  return (
    <table class={paper ? "data-table sheets" : "data-table"} role="table">
      <caption class="visually-hidden">{caption}</caption>
      <thead role="rowgroup">
        {paper && (
          <tr class="running" aria-hidden="true">
            <th colSpan={columns.length}>{paper.running}</th>
          </tr>
        )}
        <tr role="row">
          {columns.map((column) => (
            <th key={column.header} role="columnheader" scope="col" class={classOf(column)}>
              {column.header}
            </th>
          ))}
        </tr>
      </thead>
      {sheets.map((sheet, number) => (
        <tbody key={number} role="rowgroup" onClick={clickRowButton}>
          {sheet.map((row, place) => (
            <tr key={rowKey(row, place)} role="row">
              {columns.map((column) => (
                <td
                  key={column.header}
                  role="cell"
                  class={`${classOf(column)} narrow-${column.narrow ?? "line"}`}
                  data-label={column.header}
                >
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
          {paper && (
            <tr class="running" aria-hidden="true">
              <td class="figure" colSpan={columns.length}>
                Page {number + 1} of {sheets.length}
              </td>
            </tr>
          )}
        </tbody>
      ))}
    </table>
  );
}

const classOf = ({ figure, roomy }: Column<never>) =>
  `${figure ? "figure" : ""} ${roomy ? "roomy" : ""}`.trim();
