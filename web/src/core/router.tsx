import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";

/** The path of the page that is shown. */
export const path = signal(location.pathname);

addEventListener("popstate", () => {
  path.value = location.pathname;
});

export function navigate(to: string): void {
  if (to === path.peek()) return;
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
