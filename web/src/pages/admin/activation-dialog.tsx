import { api, type User } from "../../core/api";
import { useTask } from "../../core/task";
import { Button } from "../../ui/button";
import { Dialog } from "../../ui/dialog";
import { ProblemNote } from "../../ui/states";

interface ActivationDialogProps {
  user: User;
  onDone: (changed: User) => void;
  onClose: () => void;
}

/** Asks before a member stops or starts to earn. */
export function ActivationDialog({ user, onDone, onClose }: ActivationDialogProps) {
  const task = useTask();
  const verb = user.is_active ? "Deactivate" : "Activate";
  const confirm = () =>
    task.run(async () => onDone(await api.setActive(user.user_id, !user.is_active)));
  return (
    <Dialog title={`${verb} ${user.name}?`} onClose={onClose}>
      {task.problem.value && <ProblemNote problem={task.problem.value} />}
      <p>
        {user.is_active
          ? "New purchases will earn this member nothing. What was earned before stays, the referrals stay in place, and the member can still sign in."
          : "From the next purchase on this member earns again. Purchases made in between are not made up for."}
      </p>
      <div class="dialog-actions">
        <button type="button" class="button" onClick={onClose}>
          Cancel
        </button>
        <Button
          class={user.is_active ? "button danger" : "button primary"}
          off={task.busy.value}
          onClick={() => void confirm()}
        >
          {verb}
        </Button>
      </div>
    </Dialog>
  );
}
