import { useSignal } from "@preact/signals";

import { api, type PayoutPreview } from "../../core/api";
import { randomUuid } from "../../core/device";
import { formatMoney } from "../../core/money";
import { navigate } from "../../core/router";
import { useTask } from "../../core/task";
import { Dialog } from "../../ui/dialog";
import { Field } from "../../ui/field";
import { Figure } from "../../ui/figure";
import { ProblemNote } from "../../ui/states";
import { SubmitButton } from "../../ui/submit-button";
import { counted } from "../../words";
import { notice } from "../notice";

/**
 * Asks before the balances are emptied. The reference stays the same while the
 * dialog is open, so that sending again can never pay twice.
 */
export function RunDialog({ due, onClose }: { due: PayoutPreview; onClose: () => void }) {
  const reference = useSignal(randomUuid());
  const task = useTask();
  const problem = task.problem.value;
  const total = formatMoney(due.total, due.currency);

  const make = async () => {
    const { body: run } = await api.makePayoutRun({
      minimum: due.minimum,
      reference: reference.value.trim(),
    });
    const others = run.more === true ? " Others may still be due: look again." : "";
    notice.value = `Run ${run.run_id} pays ${formatMoney(run.total, run.currency)} to ${counted(run.payouts, "member")}.${others}`;
    onClose();
    navigate(`/payouts/${run.run_id}`);
  };

  return (
    <Dialog title={`Pay ${counted(due.payouts, "member")}?`} onClose={onClose}>
      <form class="form" onSubmit={task.onSubmit(make)}>
        {problem && (
          <ProblemNote problem={problem}>
            {problem.outcomeUnknown && (
              <p>Send it again as it is: with the same reference nobody is paid twice.</p>
            )}
          </ProblemNote>
        )}
        <Figure class="dialog-figure" text={total} />
        <p>
          This takes {total} out of {due.payouts === 1 ? "one balance" : `${counted(due.payouts, "balance")}`}{" "}
          at once. Then send the money, and mark each payout as paid or failed; what failed goes back
          to the balance. Whoever has earned more meanwhile is paid that too.
        </p>
        <Field
          label="Reference"
          class="code-input"
          autocomplete="off"
          spellcheck={false}
          required
          text={reference}
          error={task.fields.reference}
          hint="Your own number for this run. One reference is paid once."
        />
        <div class="dialog-actions">
          <button type="button" class="button" onClick={onClose}>
            Cancel
          </button>
          <SubmitButton task={task}>Pay {counted(due.payouts, "member")}</SubmitButton>
        </div>
      </form>
    </Dialog>
  );
}
