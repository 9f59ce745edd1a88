import { useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";

import type { Me } from "../../core/api";
import { keep } from "../../core/kept";
import { mayReport } from "../../core/me";
import { formatMoney, levelsOf, toMinor } from "../../core/money";
import { Card } from "../../ui/card";
import { LevelChart } from "../../ui/level-chart";
import { Empty, Loaded, Skeleton } from "../../ui/states";
import { Figures } from "./figures";
import { MembersCard } from "./members-card";
import { Overview } from "./overview";
import { PurchaseDialog } from "./purchase-dialog";
import { PurchasesCard } from "./purchases-card";
import { ReportCard } from "./report-card";

const NAMED_LEVELS = 3;

export function AdminPage({ caller }: { caller: Me }) {
  const overview = useMemo(() => keep("overview", () => new Overview()), []);
  const opened = useSignal<number | null>(null);
  useEffect(() => overview.open(), [overview]);
  const open = (purchase: number) => {
    opened.value = purchase;
  };

  return (
    <div class="page">
      <header class="page-head">
        <div>
          <h1>Programme</h1>
          <p class="page-sub">{planInWords(caller)}</p>
        </div>
      </header>
      <Loaded of={overview.stats} skeleton={<div class="totals-skeleton" />}>
        {(stats) => <Figures stats={stats} />}
      </Loaded>
      <div class="columns">
        <div class="column-side">
          {mayReport(caller) && <ReportCard currency={caller.currency} />}
          <Card title="Commission by level">
            <Loaded of={overview.stats} skeleton={<Skeleton rows={4} tall />}>
              {({ commission_by_level, currency }) =>
                levelsOf(commission_by_level).every(({ amount }) => toMinor(amount) === 0n) ? (
                  <Empty title="No commission yet">The first purchase above the threshold makes one.</Empty>
                ) : (
                  <LevelChart levels={levelsOf(commission_by_level)} currency={currency} />
                )
              }
            </Loaded>
          </Card>
        </div>
        <div class="column-main">
          <PurchasesCard overview={overview} onOpen={open} />
        </div>
      </div>
      <MembersCard overview={overview} caller={caller} />
      {opened.value !== null && (
        <PurchaseDialog
          id={opened.value}
          caller={caller}
          onChanged={overview.showChanged}
          onClose={() => {
            opened.value = null;
          }}
        />
      )}
    </div>
  );
}

function planInWords({ levels, commission_above, currency, max_direct_referrals }: Me): string {
  const rates =
    levels.length <= NAMED_LEVELS
      ? levels.map((rate, index) => `${rate} at level ${index + 1}`).join(", ")
      : `${levels.join(", ")} at levels 1 to ${levels.length}`;
  const above = formatMoney(commission_above, currency);
  return `${rates} · on purchases above ${above} · up to ${max_direct_referrals} direct referrals`;
}
