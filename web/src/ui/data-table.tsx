import type { ComponentChildren } from "preact";

import { clickRowButton } from "./row";

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
  /** What stands above the columns on every printed page. */
  running?: string;
}

/**
 * A table that becomes a list of rows on a narrow screen. The roles are spelled
 * out because a browser forgets them when the display of a table is changed.
 */
export function DataTable<T>({ caption, columns, rows, rowKey, running }: DataTableProps<T>) {
  return (
    <table class="data-table" role="table">
      <caption class="visually-hidden">{caption}</caption>
      <thead role="rowgroup">
        {running !== undefined && (
          <tr class="running" aria-hidden="true">
            <th colSpan={columns.length}>{running}</th>
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
      <tbody role="rowgroup" onClick={clickRowButton}>
        {rows.map((row, place) => (
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
      </tbody>
    </table>
  );
}

const classOf = ({ figure, roomy }: Column<never>) =>
  `${figure ? "figure" : ""} ${roomy ? "roomy" : ""}`.trim();
