import type { Plan } from "../../core/api";
import { formatMoney } from "../../core/money";
import { Time } from "../../ui/time";
import { counted, ROUNDING_WORDS } from "../../words";

/** The terms of a version, one line each. */
export function PlanTerms({ plan }: { plan: Plan }) {
  const money = (amount: string) => formatMoney(amount, plan.currency);
  const lines: [name: string, value: string][] = [
    ...plan.levels.map((rate, index): [string, string] => [
      `Level ${index + 1}`,
      rate,
    ]),
    ["Pays", `on purchases above ${money(plan.commission_above)}`],
    ["Referrals", `at most ${plan.max_direct_referrals} direct ones each`],
    ["On hold", plan.hold_days === 0 ? "nothing" : `for ${counted(plan.hold_days, "day")}`],
    ["At most", plan.max_commission === null ? "no limit" : `${money(plan.max_commission)} a level`],
    ["Rounding", ROUNDING_WORDS[plan.rounding].toLowerCase()],
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
