import { useSignal } from "@preact/signals";

import { announce } from "../../core/announce";
import { api, type Simulation } from "../../core/api";
import type { Task } from "../../core/task";
import { Card } from "../../ui/card";
import { Field } from "../../ui/field";
import { FormProblem } from "../../ui/form-problem";
import { Empty } from "../../ui/states";
import { SubmitButton } from "../../ui/submit-button";
import type { PlanDraft } from "./draft";
import { WhatIfResult } from "./what-if-result";

interface WhatIfCardProps {
  draft: PlanDraft;
  /** Its problems are also shown at the fields of the draft. */
  task: Task;
}

/** Tries the draft on past purchases; changes nothing. */
export function WhatIfCard({ draft, task }: WhatIfCardProps) {
  const result = useSignal<{ terms: string; simulation: Simulation } | null>(null);
  const terms = JSON.stringify(draft.terms);
  const simulate = async () => {
    const since = draft.since.value;
    const simulation = await api.simulate({ ...draft.terms, ...(since !== "" && { since }) });
    result.value = { terms, simulation };
    announce("The plan has been tried on past purchases");
  };

  return (
    <Card title="What if?" class="table-card">
      <form class="inline-form" onSubmit={task.onSubmit(simulate)}>
        <Field
          label="Purchases since"
          type="date"
          text={draft.since}
          error={task.fields.since}
          hint="All of them when empty."
        />
        <SubmitButton task={task} class="">
          Try the new version on them
        </SubmitButton>
      </form>
      <FormProblem task={task} />
      {result.value === null ? (
        <Empty title="Try a plan before you set it">
          Every past purchase is decided again under the terms above. The books stay as they are.
        </Empty>
      ) : (
        <div class={result.value.terms === terms ? "fresh" : "stale"}>
          {result.value.terms !== terms && (
            <p class="card-note" role="status">
              The terms have changed since; this is what came of the former ones.
            </p>
          )}
          <WhatIfResult simulation={result.value.simulation} />
        </div>
      )}
    </Card>
  );
}
