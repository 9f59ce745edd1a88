import { signal } from "@preact/signals";
import type { ComponentChildren, FunctionComponent } from "preact";

import { PageSkeleton } from "../ui/page-skeleton";
import { ProblemNote } from "../ui/states";
import { Problem } from "./problem";
import { retryLater } from "./recovery";

const PROBLEM = new Problem({
  title: "A part of this page could not be loaded",
  detail: "Reload the page; the server may have been updated.",
});

/** A component whose code is fetched when it is first shown; until then, `outline` is. */
export function lazy<P extends object>(
  load: () => Promise<FunctionComponent<P>>,
  outline: ComponentChildren = <PageSkeleton />,
) {
  const code = signal<{ component: FunctionComponent<P> } | null>(null);
  const failed = signal(false);
  let started = false;

  const start = async () => {
    started = true;
    await load().then(
      (component) => {
        failed.value = false;
        code.value = { component };
      },
      () => {
        failed.value = true;
        retryLater(start);
      },
    );
  };

  return (props: P) => {
    if (!started) queueMicrotask(() => void start());
    const Component = code.value?.component;
    if (Component) return <Component {...props} />;
    if (!failed.value) return <>{outline}</>;
    return <ProblemNote problem={PROBLEM} onRetry={() => location.reload()} />;
  };
}
