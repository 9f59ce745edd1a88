import { useEffect } from "preact/hooks";

import type { Me } from "./core/api";
import { lazy } from "./core/lazy";
import { mayRead, me } from "./core/me";
import { correctAddress, path } from "./core/router";
import { entering, expired, session, signOut } from "./core/session";
import { ExpiredDialog } from "./pages/entry/expired-dialog";
import { RegisterPage } from "./pages/entry/register-page";
import { SignInPage } from "./pages/entry/sign-in-page";
import { Frame } from "./pages/frame";
import { Announcer } from "./ui/announcer";
import { PageSkeleton } from "./ui/page-skeleton";
import { ProblemNote } from "./ui/states";

// With the charts and the socket; not needed to sign in.
const MemberPage = lazy(() => import("./pages/member/member-page").then((m) => m.MemberPage));
const AdminPage = lazy(() => import("./pages/admin/admin-page").then((m) => m.AdminPage));
const StatementPage = lazy(() => import("./pages/statement/statement-page").then((m) => m.StatementPage));
const PayoutsPage = lazy(() => import("./pages/payouts/payouts-page").then((m) => m.PayoutsPage));
const RunPage = lazy(() => import("./pages/payouts/run-page").then((m) => m.RunPage));
const PlanPage = lazy(() => import("./pages/plan/plan-page").then((m) => m.PlanPage));
const AuditPage = lazy(() => import("./pages/audit/audit-page").then((m) => m.AuditPage));

const REGISTER = /^\/(?:r\/([^/]+)|register)\/?$/;
const MEMBER = /^\/members\/(\d+)\/?$/;
const STATEMENT = /^\/members\/(\d+)\/statement\/?$/;
const PAYOUTS = /^\/payouts\/?$/;
const RUN = /^\/payouts\/(\d+)\/?$/;
const PLAN = /^\/plan\/?$/;
const AUDIT = /^\/audit\/?$/;

export function App() {
  useEffect(() => {
    document.title = titleOf(path.value);
  }, [path.value]);
  return (
    <>
      {pageOf(path.value)}
      <Announcer />
    </>
  );
}

function pageOf(at: string) {
  const registration = REGISTER.exec(at);
  if (registration) return <RegisterPage key={at} code={decoded(registration[1] ?? "")} />;
  if (entering.value) return <Frame>{<PageSkeleton />}</Frame>;
  if (session.value === null) return <SignInPage />;
  return (
    <Frame>
      {homeOf(at)}
      {expired.value && <ExpiredDialog />}
    </Frame>
  );
}

function homeOf(at: string) {
  const caller = me.data.value;
  if (caller === null) {
    if (me.problem.value && !me.problem.value.passing) {
      return (
        <>
          <h1 class="visually-hidden">Banyan</h1>
          <ProblemNote problem={me.problem.value} onRetry={me.reload} />
        </>
      );
    }
    return <PageSkeleton />;
  }
  if (caller.kind === "member" && caller.user_id !== null) {
    return <OwnPages at={at} id={caller.user_id} caller={caller} />;
  }
  if (!mayRead(caller)) {
    return (
      <div class="note">
        <div class="note-body">
          <h1 class="note-title">This key may not read</h1>
          <p>The pages need a key with the scope “read”. Whoever runs this server can make one.</p>
        </div>
        <button type="button" class="button small" onClick={() => signOut()}>
          Sign out
        </button>
      </div>
    );
  }
  return officeOf(at, caller);
}

/** A member has two pages; at any other address she is brought home. */
function OwnPages({ at, id, caller }: { at: string; id: number; caller: Me }) {
  const own = STATEMENT.exec(at)?.[1] === String(id);
  useEffect(() => {
    if (!own && at !== "/") correctAddress("/");
  }, [own, at]);
  return own ? (
    <StatementPage key={id} id={id} caller={caller} />
  ) : (
    <MemberPage key={id} id={id} caller={caller} />
  );
}

/** The pages of whoever runs the programme. */
function officeOf(at: string, caller: Me) {
  const [, member] = MEMBER.exec(at) ?? [];
  if (member) return <MemberPage key={member} id={Number(member)} caller={caller} />;
  const [, statement] = STATEMENT.exec(at) ?? [];
  if (statement) return <StatementPage key={statement} id={Number(statement)} caller={caller} />;
  const [, run] = RUN.exec(at) ?? [];
  if (run) return <RunPage key={run} id={Number(run)} caller={caller} />;
  if (PAYOUTS.test(at)) return <PayoutsPage caller={caller} />;
  if (PLAN.test(at)) return <PlanPage caller={caller} />;
  if (AUDIT.test(at)) return <AuditPage caller={caller} />;
  return <AdminPage caller={caller} />;
}

/** What stands in an address; as it is where it is not well written. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

const TITLES: [address: RegExp, title: string][] = [
  [REGISTER, "Join"],
  [MEMBER, "Member"],
  [STATEMENT, "Statement"],
  [RUN, "Payout run"],
  [PAYOUTS, "Payouts"],
  [PLAN, "Plan"],
  [AUDIT, "Audit log"],
];

function titleOf(at: string): string {
  const title = TITLES.find(([address]) => address.test(at))?.[1];
  return title === undefined ? "Banyan" : `${title} · Banyan`;
}
