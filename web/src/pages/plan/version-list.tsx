import { useSignal } from "@preact/signals";

import type { Plan } from "../../core/api";
import { formatMoney } from "../../core/money";
import type { Pages } from "../../core/resource";
import { now } from "../../core/time";
import { LoadMore } from "../../ui/load-more";
import { Time } from "../../ui/time";
import { WithdrawDialog } from "./withdraw-dialog";

type Standing = "in force" | "to come" | "withdrawn" | "past";

interface VersionListProps {
  versions: Pages<Plan>;
  inForce: number | null;
  /** After one was withdrawn; null for those who may not. */
  onWithdrawn: (() => void) | null;
}

/** Every version, newest first, and from when each is in force. */
export function VersionList({ versions, inForce, onWithdrawn }: VersionListProps) {
  const withdrawing = useSignal<Plan | null>(null);
  return (
    <>
      <ol class="versions">
        {versions.rows.map((plan) => {
          const standing = standingOf(plan, inForce);
          return (
            <li key={plan.version}>
              <p class="version-head">
                <strong>Version {plan.version}</strong>
                {TAGS[standing]}
              </p>
              <p class="card-note">
                {plan.levels.join(", ")} above {formatMoney(plan.commission_above, plan.currency)}
              </p>
              <p class="card-note">
                From <Time at={plan.effective_from} as="since" />
              </p>
              {standing === "to come" && onWithdrawn !== null && (
                <button
                  type="button"
                  class="button small"
                  onClick={() => {
                    withdrawing.value = plan;
                  }}
                >
                  Withdraw…
                  <span class="visually-hidden"> version {plan.version}</span>
                </button>
              )}
            </li>
          );
        })}
      </ol>
      <LoadMore of={versions} />
      {withdrawing.value !== null && onWithdrawn !== null && (
        <WithdrawDialog
          plan={withdrawing.value}
          onDone={onWithdrawn}
          onClose={() => {
            withdrawing.value = null;
          }}
        />
      )}
    </>
  );
}

const TAGS = {
  "in force": <span class="tag good">In force</span>,
  "to come": <span class="tag waiting">To come</span>,
  withdrawn: <span class="tag">Withdrawn</span>,
  past: null,
};

function standingOf(plan: Plan, inForce: number | null): Standing {
  if (plan.withdrawn_at !== null) return "withdrawn";
  if (plan.version === inForce) return "in force";
  return Date.parse(plan.effective_from) > now.value ? "to come" : "past";
}
