import { api, type Plan } from "../../core/api";
import { useTask } from "../../core/task";
import { formatMoment } from "../../core/time";
import { Dialog } from "../../ui/dialog";
import { DialogActions } from "../../ui/dialog-actions";
import { FormProblem } from "../../ui/form-problem";
import { notice } from "../notice";

interface WithdrawDialogProps {
  plan: Plan;
  onDone: () => void;
  onClose: () => void;
}

/** Asks before a plan that is to come is withdrawn. */
export function WithdrawDialog({ plan: { version, effective_from: from }, onDone, onClose }: WithdrawDialogProps) {
  const task = useTask();
  const withdraw = async () => {
    await api.withdrawPlan(version);
    notice.value = `Version ${version} is withdrawn.`;
    onClose();
    onDone();
    scrollTo(0, 0);
  };
  return (
    <Dialog title={`Withdraw version ${version}?`} onClose={onClose}>
      <form class="form" onSubmit={task.onSubmit(withdraw)}>
        <FormProblem task={task} />
        <p>
          It does not come into force on {formatMoment(from)}; the plan before it goes on. The version stays in
          this list, and its number is not used again.
        </p>
        <DialogActions task={task} onCancel={onClose} look="danger">
          Withdraw
        </DialogActions>
      </form>
    </Dialog>
  );
}
