import { useSignal } from "@preact/signals";

import { announce } from "../../core/announce";
import { api, type Registered } from "../../core/api";
import { useTask } from "../../core/task";
import { CopyField } from "../../ui/copy-field";
import { Dialog } from "../../ui/dialog";
import { DialogActions } from "../../ui/dialog-actions";
import { Field } from "../../ui/field";
import { Focused } from "../../ui/focused";
import { FormProblem } from "../../ui/form-problem";

interface AddMemberDialogProps {
  onAdded: () => void;
  onClose: () => void;
}

/** Registers somebody in place; whoever does it stays who she is. */
export function AddMemberDialog({ onAdded, onClose }: AddMemberDialogProps) {
  const [name, email, code] = [useSignal(""), useSignal(""), useSignal("")];
  const added = useSignal<Registered | null>(null);
  const task = useTask("name", "email", "referral_code");
  const add = async () => {
    const referral = code.value.trim();
    added.value = await api.register({
      name: name.value.trim(),
      email: email.value.trim(),
      ...(referral !== "" && { referral_code: referral }),
    });
    announce(`${added.value.name} is registered`);
    onAdded();
  };
  if (added.value !== null) {
    return (
      <Dialog title={`${added.value.name} is registered`} onClose={onClose}>
        <Focused class="explanation">
          <p>Member {added.value.user_id}. This is the link to bring others with:</p>
        </Focused>
        <CopyField label="Referral link" value={added.value.referral_link} />
        <div class="dialog-actions">
          <button type="button" class="button primary" onClick={onClose}>
            Done
          </button>
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog title="Add a member" onClose={onClose}>
      <form class="form" onSubmit={task.onSubmit(add)}>
        <FormProblem task={task} />
        <Field label="Name" autocomplete="off" required autofocus text={name} error={task.fields.name} />
        <Field label="E-mail" type="email" autocomplete="off" required text={email} error={task.fields.email} />
        <Field
          label="Referral code (optional)"
          class="code-input"
          autocomplete="off"
          spellcheck={false}
          text={code}
          error={task.fields.referral_code}
          hint="Of whoever brought this member."
        />
        <DialogActions task={task} onCancel={onClose}>
          Add the member
        </DialogActions>
      </form>
    </Dialog>
  );
}
