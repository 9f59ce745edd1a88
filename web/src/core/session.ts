import { signal } from "@preact/signals";

const KEY = "banyan.token";

/** The access token; it lives as long as the tab and is never written to disk by us. */
export const token = signal<string | null>(sessionStorage.getItem(KEY));

/** Why the visitor was signed out, to be said on the sign-in page. */
export const endReason = signal<string | null>(null);

export function startSession(accessToken: string): void {
  sessionStorage.setItem(KEY, accessToken);
  endReason.value = null;
  token.value = accessToken;
}

export function endSession(reason: string | null = null): void {
  sessionStorage.removeItem(KEY);
  endReason.value = reason;
  token.value = null;
}

/** Signs out here and at the server, so that the token opens nothing anywhere. */
export function signOut(): void {
  const sent = token.peek();
  endSession();
  // An API key is nobody's session. Whoever cannot reach the server has left this tab all the same.
  if (sent === null || sent.startsWith("bnk_")) return;
  const headers = { Authorization: `Bearer ${sent}` };
  fetch("/api/sessions/current", { method: "DELETE", headers, keepalive: true }).catch(() => undefined);
}

/** The token inside a pasted link or a pasted token. */
export function tokenIn(text: string): string | null {
  const fragment = /#(?:.*&)?token=([^&\s]+)/.exec(text);
  const found = fragment?.[1] ?? text.trim();
  return found !== "" && !/\s/.test(found) ? decodeURIComponent(found) : null;
}

/** Takes the token of an access link out of the address, before anybody can copy it. */
export function adoptTokenFromAddress(): void {
  if (!location.hash.includes("token=")) return;
  const found = tokenIn(location.hash);
  history.replaceState(null, "", location.pathname + location.search);
  if (found !== null) startSession(found);
}
