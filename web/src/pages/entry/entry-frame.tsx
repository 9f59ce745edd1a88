import type { ComponentChildren } from "preact";

import { Logo } from "../../ui/logo";
import { ThemeToggle } from "../../ui/theme-toggle";
import { PageFoot } from "../frame";
import { Tree } from "./tree";

/** Two halves: what this is, and the form. */
export function EntryFrame({ children }: { children: ComponentChildren }) {
  return (
    <div class="entry">
      <aside class="entry-pitch">
        <p class="brand">
          <Logo />
          <span>Banyan</span>
        </p>
        <Tree />
        <div>
          <p class="entry-claim">
            Grow together.
            <br />
            Every amount explained.
          </p>
          <p class="entry-sub">
            See what each referral earns you the moment it happens, and why, to the last decimal.
          </p>
        </div>
      </aside>
      <div class="entry-side">
        <header class="entry-top">
          <p class="brand entry-brand">
            <Logo />
            <span>Banyan</span>
          </p>
          <ThemeToggle />
        </header>
        <main id="content" class="entry-form" tabIndex={-1}>{children}</main>
        <PageFoot />
      </div>
    </div>
  );
}
