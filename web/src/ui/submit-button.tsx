import type { ComponentChildren } from "preact";

import type { Task } from "../core/task";
import { Button } from "./button";
import { useCountdown } from "./countdown";

interface SubmitButtonProps {
  task: Task;
  class?: string;
  children: ComponentChildren;
}

/** Sends a form, unless it is being sent or the server has asked to wait. */
export function SubmitButton({ task, class: look = "primary", children }: SubmitButtonProps) {
  const wait = useCountdown(task.problem.value);
  return (
    <Button type="submit" class={`button ${look}`} off={task.busy.value || wait.value > 0}>
      {wait.value > 0 ? `Try again in ${wait.value} s` : task.busy.value ? "Sending…" : children}
    </Button>
  );
}
