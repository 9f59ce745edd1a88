import type { TargetedMouseEvent } from "preact";

import { Button } from "../../ui/button";
import { type Column, DataTable } from "../../ui/data-table";
import { Field } from "../../ui/field";
import { Empty, Loaded, Skeleton } from "../../ui/states";
import type { Finder } from "./finder";

interface SearchBoxProps<T> {
  finder: Finder<T>;
  label: string;
  /** What can be looked for. */
  hint: string;
}

/** A box above a list, in whose place it shows what is found. */
export function SearchBox<T>({ finder, label, hint }: SearchBoxProps<T>) {
  return (
    <form
      class="inline-form search"
      role="search"
      aria-label={label}
      onSubmit={(event) => {
        event.preventDefault();
        void finder.look();
      }}
    >
      <Field
        label={label}
        type="search"
        autocomplete="off"
        spellcheck={false}
        hint={hint}
        text={finder.text}
        onInput={(event) => finder.type(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") finder.clear();
        }}
      />
      <Button type="submit" class="button" off={finder.found.loading.value}>
        Find
      </Button>
    </form>
  );
}

interface FoundProps<T> {
  finder: Finder<T>;
  caption: string;
  columns: Column<T>[];
  rowKey: (row: T) => number;
  /** What could be looked for, to whom nothing was found. */
  hint: string;
}

/** What was found, as it would stand in the list. */
export function Found<T>({ finder, caption, columns, rowKey, hint }: FoundProps<T>) {
  const leave = (event: TargetedMouseEvent<HTMLButtonElement>) => {
    // The button goes with what was found.
    event.currentTarget.closest("section")?.querySelector<HTMLElement>("[type=search]")?.focus();
    finder.clear();
  };
  return (
    <>
      <Loaded of={finder.found} skeleton={<Skeleton rows={1} tall />}>
        {(rows) =>
          rows.length === 0 ? (
            <Empty title={`Nothing found for “${finder.wanted.value}”`}>{hint}</Empty>
          ) : (
            <DataTable caption={caption} columns={columns} rows={rows} rowKey={rowKey} />
          )
        }
      </Loaded>
      <button type="button" class="button load-more" onClick={leave}>
        Show the whole list
      </button>
    </>
  );
}
