import { api } from "../../core/api";
import { me } from "../../core/me";
import { retryNow } from "../../core/recovery";
import { resumeSession, signOut } from "../../core/session";
import { Dialog } from "../../ui/dialog";
import { LinkForm, PasswordForm } from "./sign-in-page";

/** Asks for the password over the page, where what was typed waits. */
export function ExpiredDialog() {
  const isSame = async () => {
    const [before, now] = [me.data.peek(), await api.me()];
    return before?.kind === now.kind && before.user_id === now.user_id;
  };
  const enter = async (credential: string) => {
    await resumeSession(credential, isSame);
    await retryNow();
  };
  return (
    <Dialog title="Your session has ended" onClose={signOut}>
      <p>Sign in again to go on where you were. What you have typed is still there.</p>
      <PasswordForm enter={enter} />
      <p class="or">
        <span>or</span>
      </p>
      <LinkForm enter={enter} />
    </Dialog>
  );
}
