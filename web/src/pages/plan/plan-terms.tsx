import type { Plan, Terms } from "../../core/api";
import { formatMoney, isAmount } from "../../core/money";
import { Time } from "../../ui/time";
import { counted, ROUNDING_WORDS } from "../../words";

type Line = [name: string, value: string];

/** What a plan says beside its rates and its threshold. */
export function furtherTerms(terms: Terms, currency: string): Line[] {
  const most = terms.max_commission;
  return [
    ["Referrals", `at most ${terms.max_direct_referrals} direct ones each`],
    ["On hold", terms.hold_days === 0 ? "nothing" : `for ${counted(terms.hold_days, "day")}`],
    ["At most", most === null ? "no limit" : `${isAmount(most) ? formatMoney(most, currency) : most} a level`],
    ["Rounding", ROUNDING_WORDS[terms.rounding].toLowerCase()],
  ];
}

/** The terms of a version, one line each. */
export function PlanTerms({ plan }: { plan: Plan }) {
  const lines: Line[] = [
    ...plan.levels.map((rate, index): Line => [`Level ${index + 1}`, rate]),
    ["Pays", `on purchases above ${formatMoney(plan.commission_above, plan.currency)}`],
    ...furtherTerms(plan, plan.currency),
  ];
  return (
    <dl class="facts plan-terms">
      {lines.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
      <div>
        <dt>Version</dt>
        <dd>
          {plan.version}, since <Time at={plan.effective_from} as="since" />
        </dd>
      </div>
    </dl>
  );
}
