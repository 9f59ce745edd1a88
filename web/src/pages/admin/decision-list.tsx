import type { Purchase } from "../../core/api";
import { describeDecision } from "../../words";

/** Who earned what from a purchase, or why nobody did, one line for each level. */
export function DecisionList({ purchase }: { purchase: Purchase }) {
  if (purchase.decisions.length === 0) return <p>Nobody here: it was settled elsewhere.</p>;
  return (
    <ol class="decisions">
      {purchase.decisions.map((decision) => {
        const { earns, text } = describeDecision(decision, purchase);
        return (
          <li key={decision.level} class={earns ? "earns" : "nothing"}>
            <span class="decision-level">Level {decision.level}:</span> {text}
          </li>
        );
      })}
    </ol>
  );
}
