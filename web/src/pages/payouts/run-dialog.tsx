import { useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";

import { api, type PayoutPreview } from "../../core/api";
import { randomUuid } from "../../core/device";
import { formatMoney } from "../../core/money";
import { Resource } from "../../core/resource";
import { navigate } from "../../core/router";
import { useTask } from "../../core/task";
import { Dialog } from "../../ui/dialog";
import { DialogActions } from "../../ui/dialog-actions";
import { Field } from "../../ui/field";
import { Figure } from "../../ui/figure";
import { FormProblem } from "../../ui/form-problem";
import { Loaded, Skeleton } from "../../ui/states";
import { counted } from "../../words";
import { notice } from "../notice";

const NAMED_PAYEES = 5;

/**
 * Asks before the balances are emptied. The reference stays the same while the
 * dialog is open, so that sending again can never pay twice.
 */
export function RunDialog({ due, onClose }: { due: PayoutPreview; onClose: () => void }) {
  const reference = useSignal(randomUuid());
  const task = useTask("reference");
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
        <FormProblem
          task={task}
          again="Send it again as it is: with the same reference nobody is paid twice."
        />
        <Figure class="dialog-figure" text={total} />
        <Payees due={due} />
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
        <DialogActions task={task} onCancel={onClose}>
          Pay {counted(due.payouts, "member")}
        </DialogActions>
      </form>
    </Dialog>
  );
}

/** Who gets what, as it is at this moment: asked when the dialog opens. */
function Payees({ due }: { due: PayoutPreview }) {
  const run = useMemo(() => new Resource(() => api.rehearsePayouts(due.minimum)), [due]);
  useEffect(() => {
    void run.reload();
  }, [run]);
  return (
    <Loaded of={run} skeleton={<Skeleton rows={3} />}>
      {({ data, payouts, currency }) => (
        <ul class="effects" aria-label="Who gets what">
          {data.slice(0, NAMED_PAYEES).map((payee) => (
            <li key={payee.user_id}>
              <span>
                <strong>{payee.user_name}</strong> gets {formatMoney(payee.amount, currency)}
              </span>
            </li>
          ))}
          {payouts > NAMED_PAYEES && (
            <li>
              <span>and {counted(payouts - NAMED_PAYEES, "other")}, who are listed under the dialog</span>
            </li>
          )}
        </ul>
      )}
    </Loaded>
  );
}
