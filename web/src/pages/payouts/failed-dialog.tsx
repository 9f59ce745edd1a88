import { useSignal } from "@preact/signals";

import { api, type Payout } from "../../core/api";
import { formatMoney } from "../../core/money";
import { useTask } from "../../core/task";
import { Dialog } from "../../ui/dialog";
import { DialogActions } from "../../ui/dialog-actions";
import { Field } from "../../ui/field";
import { FormProblem } from "../../ui/form-problem";

interface FailedDialogProps {
  payout: Payout;
  currency: string;
  onDone: (settled: Payout) => void;
  onClose: () => void;
}

/** Asks why a payout did not arrive; the money goes back to the balance. */
export function FailedDialog({ payout, currency, onDone, onClose }: FailedDialogProps) {
  const reason = useSignal("");
  const task = useTask("reason");
  const settle = async () =>
    onDone(await api.settlePayout(payout.payout_id, { status: "failed", reason: reason.value.trim() }));
  return (
    <Dialog title="This payout failed?" onClose={onClose}>
      <form class="form" onSubmit={task.onSubmit(settle)}>
        <FormProblem task={task} />
        <p>
          {formatMoney(payout.amount, currency)} goes back to the balance of {payout.user_name}, and is
          due again in the next run. This cannot be undone.
        </p>
        <Field
          label="Reason"
          autocomplete="off"
          placeholder="The account is closed"
          required
          autofocus
          text={reason}
          error={task.fields.reason}
          hint={`${payout.user_name} reads it on the statement.`}
        />
        <DialogActions task={task} onCancel={onClose} look="danger">
          Failed
        </DialogActions>
      </form>
    </Dialog>
  );
}
