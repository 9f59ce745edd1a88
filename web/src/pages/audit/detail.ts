/** What an audit event says beside its subject, in words. */
import type { AuditEvent } from "../../core/api";
import { formatChange, formatMoney } from "../../core/money";
import { formatMoment } from "../../core/time";
import { counted } from "../../words";

export const ACTION_WORDS: Record<string, string> = {
  "plan.set": "Plan set",
  "plan.withdraw": "Plan withdrawn",
  "member.activate": "Member activated",
  "member.deactivate": "Member deactivated",
  "member.update": "Member changed",
  "purchase.refund": "Purchase refunded",
  "payouts.make": "Payout run made",
  "payout.paid": "Payout paid",
  "payout.failed": "Payout failed",
  "member.adjust": "Balance adjusted",
  "key.create": "API key created",
  "key.revoke": "API key revoked",
  "sessions.end": "Sessions ended",
  import: "Import",
  "month.close": "Month closed",
  "month.reopen": "Month opened again",
  "time_zone.set": "Time zone set",
};

export function describeDetail({ action, detail }: AuditEvent, currency: string): string {
  const text = (name: string) => String(detail[name] ?? "");
  const money = (name: string) => formatMoney(text(name), currency);
  switch (action) {
    case "plan.set":
      return `${plain(detail.levels)} above ${money("commission_above")}, ${fromWhen(detail)}`;
    case "plan.withdraw":
      return fromWhen(detail);
    case "purchase.refund":
      return `${money("amount")} refunded, ${money("net")} left`;
    case "payouts.make":
      return `${money("total")} to ${counted(Number(detail.payouts), "member")}`;
    case "payout.paid":
    case "payout.failed":
      return [detail.payouts !== undefined && together(detail, currency), text("reason")]
        .filter(Boolean)
        .join(": ");
    case "member.update":
      return changes(detail);
    case "member.adjust":
      return `${formatChange(text("amount"), currency)}: ${text("reason")}`;
    default:
      return Object.entries(detail)
        .map(([name, value]) => `${name.replaceAll("_", " ")} ${plain(value)}`)
        .join(", ");
  }
}

/** Payouts that were settled together. */
const together = (detail: AuditEvent["detail"], currency: string) =>
  `${counted(Number(detail.payouts), "payout")}, ${formatMoney(String(detail.total), currency)}`;

function changes({ external_id: number, metadata: notes }: AuditEvent["detail"]): string {
  const changed = [];
  if (number !== undefined) changed.push(`external id ${plain(number)}`);
  if (Array.isArray(notes)) changed.push(notes.length === 0 ? "all notes" : `notes: ${notes.join(", ")}`);
  return changed.join("; ");
}

function fromWhen({ effective_from_ms: ms }: AuditEvent["detail"]): string {
  return typeof ms === "number" ? `from ${formatMoment(new Date(ms).toISOString())}` : "at once";
}

function plain(value: unknown): string {
  if (value === null) return "none";
  return Array.isArray(value) ? value.join(", ") : String(value);
}
