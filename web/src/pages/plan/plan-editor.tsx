import { useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";

import type { Plan } from "../../core/api";
import { useTask } from "../../core/task";
import { Card } from "../../ui/card";
import { Icon } from "../../ui/icons";
import { FormProblem } from "../../ui/form-problem";
import { PlanDraft } from "./draft";
import { PlanFields } from "./plan-fields";
import { SetDialog } from "./set-dialog";
import { WhatIfCard } from "./what-if-card";

/** The fields of a draft, as the API names them. */
const TERMS = [
  "levels", "commission_above", "max_direct_referrals", "rounding", "hold_days", "max_commission",
];

interface PlanEditorProps {
  /** What the draft starts from. */
  start: Plan;
  onSet: () => void;
}

/** Writes the next version, tries it on the past, and sets it. */
export function PlanEditor({ start, onSet }: PlanEditorProps) {
  // What has been written stays, whatever comes into force meanwhile.
  const draft = useMemo(() => new PlanDraft(start), []);
  const setting = useTask(...TERMS, "effective_from");
  const trying = useTask(...TERMS, "since");
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
          <FormProblem task={setting} />
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
