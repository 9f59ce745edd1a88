import { useSignal } from "@preact/signals";

import { api } from "../../core/api";
import { Link } from "../../core/router";
import { endReason, startSession, tokenIn } from "../../core/session";
import { useTask } from "../../core/task";
import { Field } from "../../ui/field";
import { FormProblem } from "../../ui/form-problem";
import { SubmitButton } from "../../ui/submit-button";
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
      <PasswordForm enter={startSession} />
      <p class="or">
        <span>or</span>
      </p>
      <LinkForm enter={startSession} />
      <p class="entry-switch">
        New here? <Link to="/register">Join the programme</Link>
      </p>
    </EntryFrame>
  );
}

/** What becomes of a token that was got or pasted. */
interface Entrance {
  enter: (credential: string) => Promise<void>;
}

export function PasswordForm({ enter }: Entrance) {
  const task = useTask();
  const submit = (event: SubmitEvent) => {
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const signIn = async () => {
      const session = await api.signIn(String(form.get("email")), String(form.get("password")));
      await enter(session.token);
    };
    task.onSubmit(signIn)(event);
  };

  return (
    <form class="form" onSubmit={submit}>
      <FormProblem task={task} />
      <Field label="E-mail" name="email" type="email" autocomplete="username" required />
      <Field
        label="Password"
        name="password"
        type="password"
        autocomplete="current-password"
        required
      />
      <SubmitButton task={task} class="primary wide">
        Sign in
      </SubmitButton>
    </form>
  );
}

export function LinkForm({ enter }: Entrance) {
  const error = useSignal<string | undefined>(undefined);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const found = tokenIn(String(form.get("link")));
    if (found === null) {
      error.value = "There is no access token in this text.";
      return;
    }
    await enter(found).catch((refused: Error) => {
      error.value = refused.message;
    });
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
