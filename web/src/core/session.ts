/**
 * The session of this browser: one for all tabs, in a cookie that no script
 * reads. What is kept here is only that there is one, under a name that says
 * nothing, so that every tab notices when another begins or ends.
 */
import { signal } from "@preact/signals";

import { randomUuid } from "./device";

const KEY = "banyan.session";
const PATH = "/api/sessions/browser";

/** Changes with who is signed in; null when nobody is. */
export const session = signal<string | null>(localStorage.getItem(KEY));

/** Why the visitor was signed out, to be said on the sign-in page. */
export const endReason = signal<string | null>(null);

/** The session was ended by the server while a page is open: what is typed there stays. */
export const expired = signal(false);

/** A link is being changed for a session. */
export const entering = signal(false);

addEventListener("storage", ({ key, newValue }: StorageEvent) => {
  if (key !== KEY) return;
  expired.value = false;
  session.value = newValue;
});

/** Changes a key or token for the cookie. Answers whether it was good for that. */
async function exchange(credential: string): Promise<boolean> {
  const answer = await fetch(PATH, { method: "POST", headers: { Authorization: `Bearer ${credential}` } });
  return answer.ok;
}

function begin(): void {
  const name = randomUuid();
  localStorage.setItem(KEY, name);
  endReason.value = null;
  expired.value = false;
  session.value = name;
}

/** Signs in with a key or token; throws where it opens nothing. */
export async function startSession(credential: string): Promise<void> {
  if (!(await exchange(credential))) throw new Error("This link or token does not open anything, or no longer.");
  begin();
}

/** Signs in again over an open page: as the same person it stays as it is. */
export async function resumeSession(credential: string, isSame: () => Promise<boolean>): Promise<void> {
  if (!(await exchange(credential))) throw new Error("This link or token does not open anything, or no longer.");
  if (await isSame()) expired.value = false;
  else begin();
}

/** Leaves the session, in every tab; `reason` is said on the sign-in page. */
export function endSession(reason: string | null = null): void {
  localStorage.removeItem(KEY);
  endReason.value = reason;
  expired.value = false;
  session.value = null;
}

/** Signs out here and at the server, so that the cookie and its token open nothing anywhere. */
export function signOut(): void {
  endSession();
  // Whoever cannot reach the server has left the pages all the same.
  fetch(PATH, { method: "DELETE", keepalive: true }).catch(() => undefined);
}

/** The token inside a pasted link or a pasted token. */
export function tokenIn(text: string): string | null {
  const fragment = /#(?:.*&)?token=([^&\s]+)/.exec(text);
  const found = fragment?.[1] ?? text.trim();
  return found !== "" && !/\s/.test(found) ? decodeURIComponent(found) : null;
}

/** Takes the token of an access link out of the address, before anybody can copy it. */
export async function adoptTokenFromAddress(): Promise<void> {
  if (!location.hash.includes("token=")) return;
  const found = tokenIn(location.hash);
  history.replaceState(null, "", location.pathname + location.search);
  if (found === null) return;
  entering.value = true;
  try {
    await startSession(found);
  } catch {
    endSession("This link does not open anything, or no longer. Ask for a new one.");
  } finally {
    entering.value = false;
  }
}
