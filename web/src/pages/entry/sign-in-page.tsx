import { useSignal } from "@preact/signals";

import { api } from "../../core/api";
import type { Problem } from "../../core/http";
import { asProblem } from "../../core/resource";
import { Link } from "../../core/router";
import { endReason, startSession, tokenIn } from "../../core/session";
import { useCountdown } from "../../ui/countdown";
import { Field } from "../../ui/field";
import { ProblemNote } from "../../ui/states";
import { EntryFrame } from "./entry-frame";

export function SignInPage() {
  return (
    <EntryFrame>
      <h1>Sign in</h1>
      {endReason.value !== null && (
        <div class="note" role="status">
          <div class="note-body">
            <p>{endReason.value}</p>
          </div>
        </div>
      )}
      <PasswordForm />
      <p class="or">
        <span>or</span>
      </p>
      <LinkForm />
      <p class="entry-switch">
        New here? <Link to="/register">Join the programme</Link>
      </p>
    </EntryFrame>
  );
}

function PasswordForm() {
  const problem = useSignal<Problem | null>(null);
  const busy = useSignal(false);
  const wait = useCountdown(problem.value);

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    busy.value = true;
    try {
      const session = await api.signIn(String(form.get("email")), String(form.get("password")));
      startSession(session.token);
    } catch (error) {
      problem.value = asProblem(error);
    } finally {
      busy.value = false;
    }
  };

  return (
    <form class="form" onSubmit={submit}>
      {problem.value && <ProblemNote problem={problem.value} />}
      <Field label="E-mail" name="email" type="email" autocomplete="username" required />
      <Field
        label="Password"
        name="password"
        type="password"
        autocomplete="current-password"
        required
      />
      <button class="button primary wide" type="submit" disabled={busy.value || wait.value > 0}>
        {wait.value > 0 ? `Try again in ${wait.value} s` : "Sign in"}
      </button>
    </form>
  );
}

function LinkForm() {
  const error = useSignal<string | undefined>(undefined);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const found = tokenIn(String(form.get("link")));
    if (found === null) error.value = "There is no access token in this text.";
    else startSession(found);
  };
  return (
    <form class="form" onSubmit={submit}>
      <Field
        label="Access link or token"
        name="link"
        autocomplete="off"
        spellcheck={false}
        hint="The link you were sent, or an API key."
        error={error.value}
        required
      />
      <button class="button wide" type="submit">
        Use the link
      </button>
    </form>
  );
}
