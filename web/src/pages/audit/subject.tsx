import type { AuditEvent } from "../../core/api";
import { nameOf } from "../../core/names";
import { Link } from "../../core/router";

const SUBJECT = /^(user|payout run|purchase) (\d+)$/;

interface SubjectProps {
  event: AuditEvent;
  onPurchase: (id: number) => void;
}

/** What was changed, as the way to it where there is one. */
export function Subject({ event: { subject }, onPurchase }: SubjectProps) {
  const [, noun, number] = SUBJECT.exec(subject) ?? [];
  const id = Number(number);
  switch (noun) {
    case "user":
      return (
        <Link to={`/members/${id}`} class="row-link">
          {nameOf(id)}
        </Link>
      );
    case "payout run":
      return (
        <Link to={`/payouts/${id}`} class="row-link whole">
          Payout run {id}
        </Link>
      );
    case "purchase":
      return (
        <button type="button" class="row-button whole" onClick={() => onPurchase(id)}>
          Purchase {id}
        </button>
      );
    default:
      return <span class="whole">{subject.charAt(0).toUpperCase() + subject.slice(1)}</span>;
  }
}
