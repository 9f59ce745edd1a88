/** Rows that open by a click anywhere on them. */

const CONTROLS = "a, button, input, select, summary, label";

/**
 * As the `onClick` of what holds rows: wherever a row is clicked, it is its
 * button that is. Nothing is laid over the row, so its text can be selected
 * and no browser has to know where a positioned row ends.
 */
export function clickRowButton(event: MouseEvent): void {
  if (!(event.target instanceof Element) || event.target.closest(CONTROLS)) return;
  if (getSelection()?.isCollapsed === false) return;
  const button = event.target.closest("tr, li")?.querySelector<HTMLElement>(".row-button");
  // Where a dialog gives the focus back to.
  button?.focus({ preventScroll: true });
  button?.click();
}
