import type { ComponentChildren } from "preact";

import type { Problem } from "../core/problem";
import type { Resource } from "../core/resource";
import { Icon } from "./icons";

/** Grey bars of about the size of what is coming, so that nothing jumps. */
export function Skeleton({ rows, tall = false }: { rows: number; tall?: boolean }) {
  return (
    <div class="skeleton" role="status" aria-label="Loading">
      {Array.from({ length: rows }, (_, row) => (
        <span key={row} class={tall ? "skeleton-row tall" : "skeleton-row"} />
      ))}
    </div>
  );
}

export function Empty({ title, children }: { title: string; children: ComponentChildren }) {
  return (
    <div class="empty">
      <p class="empty-title">{title}</p>
      <p>{children}</p>
    </div>
  );
}

interface ProblemNoteProps {
  problem: Problem;
  onRetry?: (() => void) | undefined;
  children?: ComponentChildren;
}

/** What went wrong, what to quote when asking for help, and the way on. */
export function ProblemNote({ problem, onRetry, children }: ProblemNoteProps) {
  const { title, detail } = problem;
  return (
    <div class="note note-danger" role="alert">
      <Icon name="warning" />
      <div class="note-body">
        <p class="note-title">{title}</p>
        {detail !== "" && detail !== title && <p>{detail}</p>}
        {children}
        {problem.requestId !== null && (
          <p class="request-id">
            Request <code>{problem.requestId}</code>
          </p>
        )}
      </div>
      {onRetry && (
        <button type="button" class="button small" onClick={onRetry}>
          Retry
        </button>
      )}
    </div>
  );
}

interface LoadedProps<T> {
  of: Resource<T>;
  skeleton: ComponentChildren;
  onRetry?: () => void;
  /** Where what is wrong with what was asked for is said. */
  fields?: string[];
  children: (data: T) => ComponentChildren;
}

/** Shows a resource in whichever state it is; data once shown stays beside a problem. */
export function Loaded<T>({ of, skeleton, onRetry = of.reload, fields = [], children }: LoadedProps<T>) {
  const data = of.data.value;
  // What keeps all of the page waiting is said once, above it.
  const problem = of.problem.value;
  const own = problem !== null && !problem.passing && !problem.isAt(fields);
  return (
    <>
      {own && <ProblemNote problem={problem} onRetry={onRetry} />}
      {data !== null && <div class={problem ? "stale" : "fresh"}>{children(data)}</div>}
      {data === null && !own && skeleton}
    </>
  );
}
