import { useSignal } from "@preact/signals";

import { api, type SettledTogether } from "../../core/api";
import { useTask } from "../../core/task";
import { Dialog } from "../../ui/dialog";
import { DialogActions } from "../../ui/dialog-actions";
import { Field } from "../../ui/field";
import { FormProblem } from "../../ui/form-problem";
import { counted } from "../../words";

/** Which payouts of a run are to be settled, and how. */
export interface Settling {
  status: "paid" | "failed";
  /** These, or every one of the run. */
  ids: number[] | "all";
}

interface SettleDialogProps {
  run: number;
  settling: Settling;
  onDone: (settled: SettledTogether) => void;
  onClose: () => void;
}

/** Asks before many payouts are settled at once. */
export function SettleDialog({ run, settling, onDone, onClose }: SettleDialogProps) {
  const { status, ids } = settling;
  const reason = useSignal("");
  const task = useTask("reason");
  const which = ids === "all" ? ({ all: true } as const) : { ids };
  const them = ids === "all" ? "the whole run" : counted(ids.length, "payout");
  const settle = async () =>
    onDone(
      await api.settlePayouts(
        run,
        which,
        status === "paid" ? { status } : { status, reason: reason.value.trim() },
      ),
    );
  return (
    <Dialog title={`Mark ${them} as ${status}?`} onClose={onClose}>
      <form class="form" onSubmit={task.onSubmit(settle)}>
        <FormProblem task={task} again="Send it again: what is settled stays as it is." />
        <p>
          {status === "paid"
            ? "The money has reached the members, and stays out of their balances."
            : "The money goes back to the balances, and is due again in the next run."}{" "}
          {ids === "all" && "What was settled in another way before is left as it is. "}
          This cannot be undone.
        </p>
        {status === "failed" && (
          <Field
            label="Reason"
            autocomplete="off"
            placeholder="The bank refused the file"
            required
            autofocus
            text={reason}
            error={task.fields.reason}
            hint="Each of the members reads it on the statement."
          />
        )}
        <DialogActions task={task} onCancel={onClose} look={status === "failed" ? "danger" : undefined}>
          Mark as {status}
        </DialogActions>
      </form>
    </Dialog>
  );
}

/** What came of it, for the line on top of the page. */
export function settledInWords({ status }: Settling, { settled, already, conflicts }: SettledTogether) {
  const words = [`${counted(settled, "payout")} marked as ${status}.`];
  if (already > 0) words.push(`${counted(already, "other")} had been before.`);
  if (conflicts.length > 0) {
    words.push(`${counted(conflicts.length, "other")} had been settled in another way and stay as they are.`);
  }
  return words.join(" ");
}
