import type { ComponentChildren } from "preact";

import { Link } from "../core/router";
import { Icon } from "./icons";

/** Above the title of a page: to the page it belongs to. */
export function BackLink({ to, children }: { to: string; children: ComponentChildren }) {
  return (
    <Link to={to} class="back-link">
      <Icon name="back" />
      {children}
    </Link>
  );
}
