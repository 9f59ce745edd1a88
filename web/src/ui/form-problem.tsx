import type { Task } from "../core/task";
import { ProblemNote } from "./states";

interface FormProblemProps {
  task: Task;
  /** Why it can be sent again where nobody knows whether it has taken effect. */
  again?: string;
}

/** What is wrong with a form as a whole; what is wrong with a field stands at the field. */
export function FormProblem({ task, again }: FormProblemProps) {
  const problem = task.problem.value;
  if (problem === null || task.marked) return null;
  return (
    <ProblemNote problem={problem}>{problem.outcomeUnknown && again !== undefined && <p>{again}</p>}</ProblemNote>
  );
}
