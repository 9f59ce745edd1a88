import { useEffect, useMemo } from "preact/hooks";

import { api, type Me } from "../../core/api";
import { mayAdminister, me } from "../../core/me";
import { Pages, Resource } from "../../core/resource";
import { Card } from "../../ui/card";
import { Loaded, Skeleton } from "../../ui/states";
import { PlanEditor } from "./plan-editor";
import { PlanTerms } from "./plan-terms";
import { VersionList } from "./version-list";

const VERSION_ROWS = 10;

/** The plan in force, those before and after it, and the next one. */
export function PlanPage({ caller }: { caller: Me }) {
  const plan = useMemo(() => new Resource(api.plan), []);
  const versions = useMemo(() => new Pages((cursor) => api.plans(VERSION_ROWS, cursor)), []);
  const load = () => {
    void plan.reload();
    void versions.reload();
  };
  useEffect(load, [plan, versions]);
  const showSet = () => {
    load();
    void me.reload();
  };
  const mayChange = mayAdminister(caller);

  return (
    <div class="page">
      <header class="page-head">
        <div>
          <h1>Plan</h1>
          <p class="page-sub">
            What a purchase pays. A change is a new version: what was bought before keeps its own.
          </p>
        </div>
      </header>
      <div class="columns">
        <div class="column-side">
          <Card title="In force">
            <Loaded of={plan} skeleton={<Skeleton rows={6} />}>
              {(inForce) => <PlanTerms plan={inForce} />}
            </Loaded>
          </Card>
          <Card title="Versions">
            <Loaded of={versions} skeleton={<Skeleton rows={3} tall />}>
              {() => (
                <VersionList
                  versions={versions}
                  inForce={plan.data.value?.version ?? null}
                  onWithdrawn={mayChange ? load : null}
                />
              )}
            </Loaded>
          </Card>
        </div>
        <div class="column-main">
          {mayChange && plan.data.value && <PlanEditor start={plan.data.value} onSet={showSet} />}
        </div>
      </div>
    </div>
  );
}
