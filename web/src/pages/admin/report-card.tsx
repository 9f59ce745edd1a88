import { useSignal } from "@preact/signals";

import { announce } from "../../core/announce";
import { api, type Purchase } from "../../core/api";
import { randomUuid } from "../../core/device";
import { formatMoney, plainAmount } from "../../core/money";
import { nameOf } from "../../core/names";
import { useTask } from "../../core/task";
import { Card } from "../../ui/card";
import { Field, MoneyField } from "../../ui/field";
import { FormProblem } from "../../ui/form-problem";
import { SubmitButton } from "../../ui/submit-button";
import { DecisionList } from "./decision-list";

/**
 * Reports a purchase by hand. The reference stays the same until the purchase
 * is recorded, so that sending twice can never credit twice.
 */
export function ReportCard({ currency }: { currency: string }) {
  const userId = useSignal("");
  const amount = useSignal("");
  const reference = useSignal(randomUuid());
  const result = useSignal<{ purchase: Purchase; replayed: boolean } | null>(null);
  const task = useTask("user_id", "amount", "reference");

  const report = async () => {
    const { body, replayed } = await api.reportPurchase({
      user_id: Number(userId.value),
      amount: plainAmount(amount.value),
      reference: reference.value.trim(),
    });
    result.value = { purchase: body, replayed };
    amount.value = "";
    reference.value = randomUuid();
    announce("Purchase recorded");
  };

  return (
    <Card title="Report a purchase">
      <form class="form" onSubmit={task.onSubmit(report)}>
        <FormProblem
          task={task}
          again="Send it again as it is: with the same reference it cannot be credited twice."
        />
        <div class="form-pair">
          <Field
            label="Member number"
            inputmode="numeric"
            pattern="[0-9]{1,15}"
            autocomplete="off"
            required
            text={userId}
            error={task.fields.user_id}
          />
          <MoneyField
            label={`Amount in ${currency}`}
            placeholder="2500.00"
            required
            text={amount}
            error={task.fields.amount}
          />
        </div>
        <Field
          label="Reference"
          class="code-input"
          autocomplete="off"
          spellcheck={false}
          required
          text={reference}
          error={task.fields.reference}
          hint="Your order number. One reference is credited once, however often it is sent."
        />
        <SubmitButton task={task} class="primary wide">
          Report
        </SubmitButton>
      </form>
      {result.value && <Result {...result.value} />}
    </Card>
  );
}

function Result({ purchase, replayed }: { purchase: Purchase; replayed: boolean }) {
  return (
    <div class="report-result" role="status">
      <p class="note-title">
        {nameOf(purchase.user_id)} bought for {formatMoney(purchase.amount, purchase.currency)}
      </p>
      {replayed && <p>This reference was recorded before; nothing was credited again.</p>}
      <DecisionList purchase={purchase} />
    </div>
  );
}
