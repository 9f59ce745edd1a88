import type { Refund } from "../../core/api";
import { formatMoney, taken } from "../../core/money";
import { nameOf } from "../../core/names";
import { Time } from "../../ui/time";

/** The refunds of a purchase, oldest first, with what each took from whom. */
export function RefundList({ refunds }: { refunds: Refund[] }) {
  return (
    <>
      <h3>Refunds</h3>
      <ol class="refunds">
        {refunds.map((refund) => (
          <li key={refund.refund_id}>
            <p class="refund-head">
              <strong>{formatMoney(refund.amount, refund.currency)}</strong>
              <span>
                <Time at={refund.created_at} />
              </span>
            </p>
            <ReversalList refund={refund} />
          </li>
        ))}
      </ol>
    </>
  );
}

export function ReversalList({ refund }: { refund: Refund }) {
  if (refund.reversals.length === 0) return <p>No commission had to be taken back.</p>;
  return (
    <ul class="reversals">
      {refund.reversals.map(({ level, user_id, amount }) => (
        <li key={level}>
          <span class="decision-level">Level {level}:</span> {nameOf(user_id)}{" "}
          <span class="amount loss">{formatMoney(taken(amount), refund.currency)}</span>
        </li>
      ))}
    </ul>
  );
}
