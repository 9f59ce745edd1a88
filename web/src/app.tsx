import { useEffect } from "preact/hooks";

import { lazy } from "./core/lazy";
import { mayRead, me } from "./core/me";
import { path } from "./core/router";
import { endSession, token } from "./core/session";
import { RegisterPage } from "./pages/entry/register-page";
import { SignInPage } from "./pages/entry/sign-in-page";
import { Frame } from "./pages/frame";
import { Announcer } from "./ui/announcer";
import { PageSkeleton } from "./ui/page-skeleton";
import { ProblemNote } from "./ui/states";

// With the charts and the socket; not needed to sign in.
const MemberPage = lazy(() => import("./pages/member/member-page").then((m) => m.MemberPage));
const AdminPage = lazy(() => import("./pages/admin/admin-page").then((m) => m.AdminPage));

const REGISTER = /^\/(?:r\/([^/]+)|register)\/?$/;
const MEMBER = /^\/members\/(\d+)\/?$/;

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
  if (registration) return <RegisterPage code={registration[1] ?? ""} />;
  if (token.value === null) return <SignInPage />;
  return <Frame>{homeOf(at)}</Frame>;
}

function homeOf(at: string) {
  const caller = me.data.value;
  if (caller === null) {
    if (me.problem.value) {
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
    return <MemberPage key={caller.user_id} id={caller.user_id} caller={caller} />;
  }
  if (!mayRead(caller)) {
    return (
      <div class="note">
        <div class="note-body">
          <h1 class="note-title">This key may not read</h1>
          <p>The pages need a key with the scope “read”. Whoever runs this server can make one.</p>
        </div>
        <button type="button" class="button small" onClick={() => endSession()}>
          Sign out
        </button>
      </div>
    );
  }
  const member = MEMBER.exec(at);
  if (member) return <MemberPage key={member[1]} id={Number(member[1])} caller={caller} />;
  return <AdminPage caller={caller} />;
}

function titleOf(at: string): string {
  if (REGISTER.test(at)) return "Join · Banyan";
  return MEMBER.test(at) ? "Member · Banyan" : "Banyan";
}
