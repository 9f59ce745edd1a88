import { useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";

import { api, type Invitation, type Registration } from "../../core/api";
import { Resource } from "../../core/resource";
import { Link, navigate } from "../../core/router";
import { session, startSession } from "../../core/session";
import { useTask } from "../../core/task";
import { Field } from "../../ui/field";
import { FormProblem } from "../../ui/form-problem";
import { SubmitButton } from "../../ui/submit-button";
import { notice } from "../notice";
import { EntryFrame } from "./entry-frame";
import { InvitationNote, isUnknown } from "./invitation";
import { RegisterProblem, refusalOf } from "./register-problem";

export function RegisterPage({ code: invitedBy }: { code: string }) {
  const code = useSignal(invitedBy);
  const invitation = useMemo(() => new Resource(() => api.invitation(invitedBy)), [invitedBy]);
  useEffect(() => {
    if (invitedBy !== "") void invitation.reload();
  }, [invitation]);
  const dropped = useSignal(false);
  const task = useTask("name", "email", "password");
  const refused = refusalOf(task.problem.value);
  const fields = refused ? {} : task.fields;

  const submit = (event: SubmitEvent) => {
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const registration: Registration = {
      name: String(form.get("name")).trim(),
      email: String(form.get("email")).trim(),
      password: String(form.get("password")),
    };
    if (code.value.trim() !== "") registration.referral_code = code.value.trim();
    const register = async () => {
      const member = await api.register(registration);
      if (session.peek() === null) {
        await startSession(member.token);
        notice.value = `Welcome, ${member.name}. Your own referral code is ${member.referral_code}.`;
      } else {
        // Whoever is signed in here stays so.
        notice.value = `${member.name} is registered. Her or his referral code is ${member.referral_code}.`;
      }
      navigate("/");
    };
    task.onSubmit(register)(event);
  };

  const dropCode = () => {
    code.value = "";
    dropped.value = true;
    task.problem.value = null;
  };

  return (
    <EntryFrame>
      <h1>{heading(invitedBy, invitation)}</h1>
      <p class="entry-lead">
        Register, share your own link, and earn when the people you invite buy.
      </p>
      {!dropped.value && <InvitationNote of={invitation} onDropCode={dropCode} />}
      <form class="form" onSubmit={submit}>
        {refused ? <RegisterProblem problem={refused} onDropCode={dropCode} /> : <FormProblem task={task} />}
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
          text={code}
          hint={invitedBy !== "" && code.value === invitedBy ? "From your invitation link." : undefined}
        />
        <SubmitButton task={task} class="primary wide">
          Register
        </SubmitButton>
      </form>
      <p class="entry-switch">
        Already a member? <Link to="/">Sign in</Link>
      </p>
    </EntryFrame>
  );
}

/** Who invites, as soon as it is known. */
function heading(code: string, { data, problem }: Resource<Invitation>): string {
  if (code === "" || isUnknown(problem.value)) return "Join the programme";
  return data.value === null ? "You have been invited" : `${data.value.inviter} invites you`;
}
