import type { ComponentChildren } from "preact";

import { me } from "../core/me";
import { away, retryNow } from "../core/recovery";
import { Link } from "../core/router";
import { signOut } from "../core/session";
import { Icon } from "../ui/icons";
import { LiveDot } from "../ui/live-dot";
import { Logo } from "../ui/logo";
import { ProblemNote } from "../ui/states";
import { ThemeToggle } from "../ui/theme-toggle";
import { Nav } from "./nav";
import { notice } from "./notice";

/** The bar on top and the line at the foot of every page of somebody signed in. */
export function Frame({ children }: { children: ComponentChildren }) {
  const caller = me.data.value;
  return (
    <div class="frame">
      <a class="skip-link" href="#content">
        Skip to content
      </a>
      <header class="top-bar">
        <div class="top-bar-inner">
          <Link to="/" class="brand">
            <Logo />
            <span>Banyan</span>
          </Link>
          <Nav caller={caller} />
          <LiveDot />
          <span class="spring" />
          <ThemeToggle />
          <button type="button" class="button quiet sign-out" onClick={() => signOut()}>
            <Icon name="leave" />
            <span>Sign out{caller?.name ? <span class="visually-hidden"> {caller.name}</span> : ""}</span>
          </button>
        </div>
      </header>
      <main id="content" class="content" tabIndex={-1}>
        {away.value && <ProblemNote problem={away.value} onRetry={() => void retryNow()} />}
        {notice.value !== null && (
          <div class="note note-good" role="status">
            <Icon name="check" />
            <div class="note-body">
              <p>{notice.value}</p>
            </div>
            <button
              type="button"
              class="button quiet icon-only"
              aria-label="Dismiss"
              onClick={() => {
                notice.value = null;
              }}
            >
              <Icon name="close" />
            </button>
          </div>
        )}
        {children}
      </main>
      <PageFoot line="Every amount is explained." />
    </div>
  );
}

export function PageFoot({ line }: { line?: string }) {
  return (
    <footer class="page-foot">
      {line !== undefined && <span>{line}</span>}
      <a href="/api/docs">API</a>
      <a href="/third-party.txt">Licences</a>
    </footer>
  );
}
