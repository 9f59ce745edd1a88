import { useSignal } from "@preact/signals";

import { api, type Registration } from "../../core/api";
import type { Problem } from "../../core/http";
import { asProblem } from "../../core/resource";
import { Link, navigate } from "../../core/router";
import { startSession } from "../../core/session";
import { useCountdown } from "../../ui/countdown";
import { Field } from "../../ui/field";
import { notice } from "../notice";
import { EntryFrame } from "./entry-frame";
import { RegisterProblem } from "./register-problem";

export function RegisterPage({ code: invitedBy }: { code: string }) {
  const code = useSignal(decodeURIComponent(invitedBy));
  const problem = useSignal<Problem | null>(null);
  const busy = useSignal(false);
  const wait = useCountdown(problem.value);
  const fields = problem.value?.fields ?? {};

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const registration: Registration = {
      name: String(form.get("name")).trim(),
      email: String(form.get("email")).trim(),
      password: String(form.get("password")),
    };
    if (code.value.trim() !== "") registration.referral_code = code.value.trim();
    busy.value = true;
    try {
      const member = await api.register(registration);
      notice.value = `Welcome, ${member.name}. Your own referral code is ${member.referral_code}.`;
      startSession(member.token);
      navigate("/");
    } catch (error) {
      problem.value = asProblem(error);
    } finally {
      busy.value = false;
    }
  };

  const dropCode = () => {
    code.value = "";
    problem.value = null;
  };

  return (
    <EntryFrame>
      <h1>{invitedBy === "" ? "Join the programme" : "You have been invited"}</h1>
      <p class="entry-lead">
        Register, share your own link, and earn when the people you invite buy.
      </p>
      <form class="form" onSubmit={submit}>
        {problem.value && <RegisterProblem problem={problem.value} onDropCode={dropCode} />}
        <Field label="Name" name="name" autocomplete="name" error={fields.name} required />
        <Field
          label="E-mail"
          name="email"
          type="email"
          autocomplete="email"
          error={fields.email}
          required
        />
        <Field
          label="Password"
          name="password"
          type="password"
          autocomplete="new-password"
          error={fields.password}
          hint="At least 8 characters."
          minlength={8}
          required
        />
        <Field
          label="Referral code (optional)"
          name="referral_code"
          class="code-input"
          autocomplete="off"
          autocapitalize="characters"
          spellcheck={false}
          value={code.value}
          error={fields.referral_code}
          hint={invitedBy !== "" && code.value === invitedBy ? "From your invitation link." : undefined}
          onInput={(event) => {
            code.value = event.currentTarget.value;
          }}
        />
        <button class="button primary wide" type="submit" disabled={busy.value || wait.value > 0}>
          {wait.value > 0 ? `Try again in ${wait.value} s` : "Register"}
        </button>
      </form>
      <p class="entry-switch">
        Already a member? <Link to="/">Sign in</Link>
      </p>
    </EntryFrame>
  );
}
