import { api, type User } from "../../core/api";
import { useTask } from "../../core/task";
import { Dialog } from "../../ui/dialog";
import { DialogActions } from "../../ui/dialog-actions";
import { FormProblem } from "../../ui/form-problem";

interface ActivationDialogProps {
  user: User;
  onDone: (changed: User) => void;
  onClose: () => void;
}

/** Asks before a member stops or starts to earn. */
export function ActivationDialog({ user, onDone, onClose }: ActivationDialogProps) {
  const task = useTask();
  const verb = user.is_active ? "Deactivate" : "Activate";
  const change = async () => onDone(await api.setActive(user.user_id, !user.is_active));
  return (
    <Dialog title={`${verb} ${user.name}?`} onClose={onClose}>
      <form class="form" onSubmit={task.onSubmit(change)}>
        <FormProblem task={task} />
        <p>
          {user.is_active
            ? "New purchases will earn this member nothing. What was earned before stays, the referrals stay in place, and the member can still sign in."
            : "From the next purchase on this member earns again. Purchases made in between are not made up for."}
        </p>
        <DialogActions task={task} onCancel={onClose} look={user.is_active ? "danger" : undefined}>
          {verb}
        </DialogActions>
      </form>
    </Dialog>
  );
}
