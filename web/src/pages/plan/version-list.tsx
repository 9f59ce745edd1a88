import type { Plan } from "../../core/api";
import { formatMoney } from "../../core/money";
import type { Pages } from "../../core/resource";
import { now } from "../../core/time";
import { LoadMore } from "../../ui/load-more";
import { Time } from "../../ui/time";

interface VersionListProps {
  versions: Pages<Plan>;
  inForce: number | null;
}

/** Every version, newest first, and from when each is in force. */
export function VersionList({ versions, inForce }: VersionListProps) {
  return (
    <>
      <ol class="versions">
        {versions.rows.map((plan) => (
          <li key={plan.version}>
            <p class="version-head">
              <strong>Version {plan.version}</strong>
              <Standing plan={plan} inForce={inForce} />
            </p>
            <p class="card-note">
              {plan.levels.join(", ")} above {formatMoney(plan.commission_above, plan.currency)}
            </p>
            <p class="card-note">
              From <Time at={plan.effective_from} as="since" />
            </p>
          </li>
        ))}
      </ol>
      <LoadMore of={versions} />
    </>
  );
}

function Standing({ plan, inForce }: { plan: Plan; inForce: number | null }) {
  if (plan.version === inForce) return <span class="tag good">In force</span>;
  if (Date.parse(plan.effective_from) > now.value) return <span class="tag waiting">To come</span>;
  return null;
}
