import type { ComponentChildren } from "preact";

import type { Task } from "../core/task";
import { SubmitButton } from "./submit-button";

interface DialogActionsProps {
  task: Task;
  onCancel: () => void;
  /** For what takes something away. */
  look?: "danger" | undefined;
  children: ComponentChildren;
}

/** At the foot of a form in a dialog: the way back, and the way on. */
export function DialogActions({ task, onCancel, look, children }: DialogActionsProps) {
  return (
    <div class="dialog-actions">
      <button type="button" class="button" onClick={onCancel}>
        Cancel
      </button>
      <SubmitButton task={task} class={look ?? "primary"}>
        {children}
      </SubmitButton>
    </div>
  );
}
