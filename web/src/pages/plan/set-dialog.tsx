import { api } from "../../core/api";
import { formatMoney, isAmount } from "../../core/money";
import type { Task } from "../../core/task";
import { formatCalendarDay, formatDay, timeZone } from "../../core/time";
import { Dialog } from "../../ui/dialog";
import { DialogActions } from "../../ui/dialog-actions";
import { notice } from "../notice";
import type { PlanDraft } from "./draft";
import { furtherTerms } from "./plan-terms";

interface SetDialogProps {
  draft: PlanDraft;
  /** Its problems are shown at the fields. */
  task: Task;
  onDone: () => void;
  onClose: () => void;
}

/** Asks before a plan comes into force. */
export function SetDialog({ draft, task, onDone, onClose }: SetDialogProps) {
  const { terms } = draft;
  const from = draft.effectiveFrom.value;
  const money = (text: string) => (isAmount(text) ? formatMoney(text, draft.currency) : text);
  const set = async () => {
    try {
      const plan = await api.setPlan({ ...terms, ...(from !== "" && { effective_from: from }) });
      notice.value = `Version ${plan.version} is set, in force ${from === "" ? "now" : `from ${formatDay(plan.effective_from)}`}.`;
      onDone();
      scrollTo(0, 0);
    } finally {
      onClose();
    }
  };
  return (
    <Dialog title="Set this plan?" onClose={onClose}>
      <form class="form" onSubmit={task.onSubmit(set)}>
        <p>
          <strong>
            {terms.levels.join(", ")} of purchases above {money(terms.commission_above)}
          </strong>
        </p>
        <dl class="facts plan-terms">
          {furtherTerms(terms, draft.currency).map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
        <p>
          It is in force {from === "" ? "at once" : `from ${formatCalendarDay(from)}, midnight in ${timeZone.value}`}.
          What was bought before, and its refunds, keep the version they were made under. A version can
          be withdrawn until it begins; later, another one can be set after it.
        </p>
        <DialogActions task={task} onCancel={onClose}>
          Set the plan
        </DialogActions>
      </form>
    </Dialog>
  );
}
