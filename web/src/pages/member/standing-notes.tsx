import { isNegative } from "../../core/money";
import { Icon } from "../../ui/icons";
import type { MemberBook } from "./book";

/** What a member has to know before the figures: not earning, or below zero. */
export function StandingNotes({ book }: { book: MemberBook }) {
  const user = book.user.data.value;
  const earnings = book.earnings.data.value;
  return (
    <>
      {user && !user.is_active && (
        <div class="note note-warning" role="status">
          <Icon name="pause" />
          <div class="note-body">
            <p class="note-title">This membership is inactive</p>
            <p>
              New purchases earn nothing while it is. What was earned before stays, and the referrals
              stay in place. The programme’s administrator can activate it again.
            </p>
          </div>
        </div>
      )}
      {earnings && isNegative(earnings.balance) && (
        <div class="note note-warning" role="status">
          <Icon name="warning" />
          <div class="note-body">
            <p class="note-title">The balance is below zero</p>
            <p>
              More was taken back, after a refund or by an adjustment, than was left after the last
              payout: the next commissions fill the gap first, and nothing has to be paid back.
            </p>
          </div>
        </div>
      )}
    </>
  );
}
