import type { Payout, PayoutStatus } from "../core/api";
import { STATUS_WORDS } from "../words";
import { Time } from "./time";

const TONES: Record<PayoutStatus, string> = { pending: "waiting", paid: "good", failed: "bad" };

/** What became of a payout: pending, paid and when, or failed and why. */
export function PayoutState({ payout }: { payout: Payout }) {
  return (
    <span class="payout-state">
      <span class={`tag ${TONES[payout.status]}`}>{STATUS_WORDS[payout.status]}</span>
      {payout.settled_at !== null && <Time at={payout.settled_at} as="day" />}
      {payout.reason !== null && <small>{payout.reason}</small>}
    </span>
  );
}
