import { useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";

import type { Plan } from "../../core/api";
import { useTask } from "../../core/task";
import { Card } from "../../ui/card";
import { Icon } from "../../ui/icons";
import { ProblemNote } from "../../ui/states";
import { PlanDraft } from "./draft";
import { PlanFields } from "./plan-fields";
import { SetDialog } from "./set-dialog";
import { WhatIfCard } from "./what-if-card";

interface PlanEditorProps {
  /** What the draft starts from. */
  start: Plan;
  onSet: (plan: Plan) => void;
}

/** Writes the next version, tries it on the past, and sets it. */
export function PlanEditor({ start, onSet }: PlanEditorProps) {
  // What has been written stays, whatever comes into force meanwhile.
  const draft = useMemo(() => new PlanDraft(start), []);
  const setting = useTask();
  const trying = useTask();
  const confirming = useSignal(false);
  const fields = { ...trying.fields, ...setting.fields };
  const ask = (event: SubmitEvent) => {
    event.preventDefault();
    confirming.value = true;
  };

  return (
    <>
      <Card title="New version">
        <form class="form" onSubmit={ask}>
          {setting.problem.value && <ProblemNote problem={setting.problem.value} />}
          <PlanFields draft={draft} fields={fields} />
          <div class="dialog-actions">
            <button type="submit" class="button primary">
              <Icon name="check" />
              Set this plan…
            </button>
          </div>
        </form>
      </Card>
      <WhatIfCard draft={draft} task={trying} />
      {confirming.value && (
        <SetDialog
          draft={draft}
          task={setting}
          onDone={onSet}
          onClose={() => {
            confirming.value = false;
          }}
        />
      )}
    </>
  );
}
