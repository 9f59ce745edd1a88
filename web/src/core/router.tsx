import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";

/** The path of the page that is shown. */
export const path = signal(location.pathname);

/** How long a page may take to be as long again as it was, in ms. */
const RESTORE_MS = 2_000;

// The browser would scroll before the page is there.
history.scrollRestoration = "manual";

addEventListener("popstate", ({ state }: PopStateEvent) => {
  path.value = location.pathname;
  restoreScroll(Number(state?.scroll ?? 0), performance.now() + RESTORE_MS);
});

/** Scrolls to where the page was left, as soon as it is that long. */
function restoreScroll(to: number, until: number): void {
  requestAnimationFrame(() => {
    scrollTo(0, to);
    if (Math.abs(scrollY - to) > 1 && performance.now() < until) restoreScroll(to, until);
  });
}

/** Puts the right address to what is shown, where there is nothing to go back to. */
export function correctAddress(to: string): void {
  history.replaceState(null, "", to);
  path.value = to;
}

export function navigate(to: string): void {
  if (to === path.peek()) return;
  history.replaceState({ ...history.state, scroll: scrollY }, "");
  history.pushState(null, "", to);
  path.value = to;
  scrollTo(0, 0);
  // The link that had the focus is gone; a screen reader goes on from the new page.
  requestAnimationFrame(() => document.getElementById("content")?.focus({ preventScroll: true }));
}

interface LinkProps {
  to: string;
  class?: string;
  "aria-current"?: "page" | undefined;
  children: ComponentChildren;
}

/** A link between our own pages. Modified clicks are left to the browser. */
export function Link({ to, children, ...rest }: LinkProps) {
  const onClick = (event: MouseEvent) => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    navigate(to);
  };
  return (
    <a href={to} onClick={onClick} {...rest}>
      {children}
    </a>
  );
}
