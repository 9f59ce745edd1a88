import { useSignal } from "@preact/signals";

import { api, type Effect, type Money, type PurchaseInFull, type Refund } from "../../core/api";
import { randomUuid } from "../../core/device";
import { formatMoney, isAmount, isNegative, isZero, plainAmount, subtract } from "../../core/money";
import { useTask } from "../../core/task";
import { DialogActions } from "../../ui/dialog-actions";
import { EffectList } from "../../ui/effect-list";
import { Field, MoneyField } from "../../ui/field";
import { Focused } from "../../ui/focused";
import { FormProblem } from "../../ui/form-problem";

interface RefundFormProps {
  purchase: PurchaseInFull;
  onDone: (refund: Refund) => Promise<void>;
  onCancel: () => void;
}

/**
 * Asks how much, then asks again. The reference stays the same until the refund
 * is recorded, so that sending twice can never refund twice.
 */
export function RefundForm({ purchase, onDone, onCancel }: RefundFormProps) {
  const { currency, net } = purchase;
  const left = formatMoney(net, currency);
  const amount = useSignal(net);
  const reference = useSignal(randomUuid());
  const step = useSignal<"asking" | "confirming">("asking");
  const task = useTask("amount", "reference");
  const typed = plainAmount(amount.value);
  const tooMuch = isAmount(amount.value) && isNegative(subtract(net, typed));
  const effects = useSignal<Effect[]>([]);

  const next = async () => {
    if (step.value === "asking") {
      if (tooMuch) return;
      effects.value = await api.rehearseRefund(purchase.purchase_id, typed);
      step.value = "confirming";
      return;
    }
    try {
      const { body } = await api.refund(purchase.purchase_id, {
        amount: typed,
        reference: reference.value.trim(),
      });
      await onDone(body);
    } catch (error) {
      // Whatever is refused, is mended in the form.
      step.value = "asking";
      throw error;
    }
  };

  return (
    <form class="form" onSubmit={task.onSubmit(next)}>
      <FormProblem
        task={task}
        again="Send it again as it is: with the same reference it cannot be refunded twice."
      />
      {step.value === "asking" ? (
        <>
          <Focused>
            <MoneyField
              label={`Amount in ${currency}`}
              required
              text={amount}
              error={tooMuch ? `Only ${left} of this purchase is left.` : task.fields.amount}
              hint={`${left} of this purchase is left.`}
            />
          </Focused>
          <Field
            label="Reference"
            class="code-input"
            autocomplete="off"
            spellcheck={false}
            required
            text={reference}
            error={task.fields.reference}
            hint="Your own number for this refund. One reference is refunded once."
          />
        </>
      ) : (
        <Confirmation purchase={purchase} amount={typed} effects={effects.value} />
      )}
      {step.value === "asking" ? (
        <DialogActions key="asking" task={task} onCancel={onCancel}>
          Continue
        </DialogActions>
      ) : (
        <DialogActions key="confirming" task={task} onCancel={onCancel} look="danger">
          Refund {formatMoney(typed, currency)}
        </DialogActions>
      )}
    </form>
  );
}

interface ConfirmationProps {
  purchase: PurchaseInFull;
  amount: Money;
  effects: Effect[];
}

function Confirmation({ purchase, amount, effects }: ConfirmationProps) {
  const { currency } = purchase;
  const left = subtract(purchase.net, amount);
  return (
    <Focused class="explanation">
      <p>
        <strong>
          Refund {formatMoney(amount, currency)} to {purchase.user_name}?
        </strong>
      </p>
      <p>
        {isZero(left)
          ? "Nothing of the purchase is left then."
          : `${formatMoney(left, currency)} of the purchase is left then, and commission is worked out again on that.`}{" "}
        A refund cannot be undone.
      </p>
      <EffectList effects={effects} currency={currency} />
    </Focused>
  );
}
