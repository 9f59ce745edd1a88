import type { Me } from "../core/api";
import { mayAdminister, mayRead } from "../core/me";
import { Link, path } from "../core/router";

interface Place {
  to: string;
  name: string;
  /** The addresses that belong to it. */
  has: RegExp;
}

const PLACES: Place[] = [
  { to: "/", name: "Programme", has: /^\/($|members\/)/ },
  { to: "/payouts", name: "Payouts", has: /^\/payouts/ },
  { to: "/plan", name: "Plan", has: /^\/plan/ },
];
const AUDIT: Place = { to: "/audit", name: "Audit", has: /^\/audit/ };

/** The pages of whoever runs the programme. */
export function Nav({ caller }: { caller: Me | null }) {
  if (caller === null || caller.kind === "member" || !mayRead(caller)) return null;
  const places = mayAdminister(caller) ? [...PLACES, AUDIT] : PLACES;
  return (
    <nav class="nav" aria-label="Pages">
      {places.map(({ to, name, has }) => (
        <Link key={to} to={to} aria-current={has.test(path.value) ? "page" : undefined}>
          {name}
        </Link>
      ))}
    </nav>
  );
}
