import { useSignal } from "@preact/signals";

import { announce } from "../../core/announce";
import { api, type Purchase } from "../../core/api";
import { randomUuid } from "../../core/device";
import type { Problem } from "../../core/http";
import { formatMoney } from "../../core/money";
import { nameOf } from "../../core/names";
import { asProblem } from "../../core/resource";
import { Card } from "../../ui/card";
import { useCountdown } from "../../ui/countdown";
import { Field } from "../../ui/field";
import { ProblemNote } from "../../ui/states";
import { DecisionList } from "./decision-list";

/**
 * Reports a purchase by hand. The reference stays the same until the purchase
 * is recorded, so that sending twice can never credit twice.
 */
export function ReportCard({ currency }: { currency: string }) {
  const userId = useSignal("");
  const amount = useSignal("");
  const reference = useSignal(randomUuid());
  const problem = useSignal<Problem | null>(null);
  const result = useSignal<{ purchase: Purchase; replayed: boolean } | null>(null);
  const busy = useSignal(false);
  const wait = useCountdown(problem.value);
  const fields = problem.value?.fields ?? {};

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    busy.value = true;
    try {
      result.value = await api.reportPurchase({
        user_id: Number(userId.value),
        amount: amount.value.trim(),
        reference: reference.value.trim(),
      });
      problem.value = null;
      amount.value = "";
      reference.value = randomUuid();
      announce("Purchase recorded");
    } catch (error) {
      problem.value = asProblem(error);
    } finally {
      busy.value = false;
    }
  };

  return (
    <Card title="Report a purchase">
      <form class="form" onSubmit={submit}>
        {problem.value && (
          <ProblemNote problem={problem.value}>
            {problem.value.outcomeUnknown && (
              <p>Send it again as it is: with the same reference it cannot be credited twice.</p>
            )}
          </ProblemNote>
        )}
        <div class="form-pair">
          <Field
            label="Member number"
            inputmode="numeric"
            pattern="[0-9]+"
            autocomplete="off"
            required
            value={userId.value}
            error={fields.user_id}
            onInput={(event) => {
              userId.value = event.currentTarget.value;
            }}
          />
          <Field
            label={`Amount in ${currency}`}
            inputmode="decimal"
            pattern="\s*[0-9]+(\.[0-9]{1,2})?\s*"
            placeholder="2500.00"
            autocomplete="off"
            required
            value={amount.value}
            error={fields.amount}
            onInput={(event) => {
              amount.value = event.currentTarget.value;
            }}
          />
        </div>
        <Field
          label="Reference"
          class="code-input"
          autocomplete="off"
          spellcheck={false}
          required
          value={reference.value}
          error={fields.reference}
          hint="Your order number. One reference is credited once, however often it is sent."
          onInput={(event) => {
            reference.value = event.currentTarget.value;
          }}
        />
        <button class="button primary wide" type="submit" disabled={busy.value || wait.value > 0}>
          {wait.value > 0 ? `Try again in ${wait.value} s` : busy.value ? "Sending…" : "Report"}
        </button>
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
