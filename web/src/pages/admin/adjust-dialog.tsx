import { useSignal } from "@preact/signals";

import { announce } from "../../core/announce";
import { api, type Effect, type NewAdjustment, type User } from "../../core/api";
import { randomUuid } from "../../core/device";
import { formatMoney, isAmount, plainAmount } from "../../core/money";
import { useTask } from "../../core/task";
import { Dialog } from "../../ui/dialog";
import { DialogActions } from "../../ui/dialog-actions";
import { EffectList } from "../../ui/effect-list";
import { Field, MoneyField } from "../../ui/field";
import { Focused } from "../../ui/focused";
import { FormProblem } from "../../ui/form-problem";

type Direction = NewAdjustment["direction"];

const CHOICES: { value: Direction; label: string; hint: string }[] = [
  { value: "credit", label: "Credit", hint: "adds to the balance" },
  { value: "debit", label: "Debit", hint: "takes from the balance" },
];

interface AdjustDialogProps {
  user: User;
  currency: string;
  onClose: () => void;
}

/**
 * Corrects a balance by a line of its own. The reference stays the same while
 * the dialog is open, so that sending again can never adjust twice.
 */
export function AdjustDialog({ user, currency, onClose }: AdjustDialogProps) {
  const direction = useSignal<Direction>("credit");
  const amount = useSignal("");
  const reason = useSignal("");
  const reference = useSignal(randomUuid());
  const task = useTask("amount", "reason");

  /** What it would do, once it was asked; what is typed after that is asked again. */
  const effects = useSignal<Effect[] | null>(null);
  const next = async () => {
    const adjustment: NewAdjustment = {
      direction: direction.value,
      amount: plainAmount(amount.value),
      reason: reason.value.trim(),
      reference: reference.value,
    };
    if (effects.value === null) {
      effects.value = await api.rehearseAdjustment(user.user_id, adjustment);
      return;
    }
    try {
      const { body } = await api.adjust(user.user_id, adjustment);
      announce(`${VERBS[body.direction]} ${formatMoney(body.amount, currency)}`);
      onClose();
    } catch (error) {
      // Whatever is refused, is mended in the form.
      effects.value = null;
      throw error;
    }
  };

  const verb = direction.value === "credit" ? "Credit" : "Debit";
  const figure = isAmount(amount.value) ? ` ${formatMoney(plainAmount(amount.value), currency)}` : "";
  return (
    <Dialog title={`Adjust the balance of ${user.name}`} onClose={onClose}>
      <form class="form" onSubmit={task.onSubmit(next)}>
        <FormProblem task={task} again="Send it again as it is: it cannot be adjusted twice." />
        {effects.value !== null ? (
          <Focused class="explanation">
            <EffectList effects={effects.value} currency={currency} />
            <p>
              The reason is “{reason.value.trim()}”; {user.name} reads it. An adjustment cannot be undone,
              but another one can be made against it.
            </p>
          </Focused>
        ) : (
          <>
            <fieldset class="choices">
              <legend>Direction</legend>
              {CHOICES.map(({ value, label, hint }) => (
                <label key={value}>
                  <input
                    type="radio"
                    name="direction"
                    checked={direction.value === value}
                    onChange={() => {
                      direction.value = value;
                    }}
                  />
                  <span>
                    {label}
                    <small>{hint}</small>
                  </span>
                </label>
              ))}
            </fieldset>
            <MoneyField
              label={`Amount in ${currency}`}
              required
              autofocus
              text={amount}
              error={task.fields.amount}
            />
            <Field
              label="Reason"
              autocomplete="off"
              required
              text={reason}
              error={task.fields.reason}
              hint={`${user.name} reads it on the statement.`}
            />
          </>
        )}
        {effects.value === null ? (
          <DialogActions key="asking" task={task} onCancel={onClose}>
            Continue
          </DialogActions>
        ) : (
          <DialogActions key="confirming" task={task} onCancel={onClose}>
            {verb}
            {figure}
          </DialogActions>
        )}
      </form>
    </Dialog>
  );
}

const VERBS: Record<Direction, string> = { credit: "Credited", debit: "Debited" };
