import type { EntryKind } from "../../core/api";
import { Icon, type IconName } from "../../ui/icons";

const ICONS: Record<EntryKind, IconName> = {
  commission: "plus",
  reversal: "undo",
  payout: "upload",
  payout_returned: "return",
  adjustment: "balance",
};

/** What kind of entry a row is, at a glance; the words stand beside it. */
export function KindMark({ kind }: { kind: EntryKind }) {
  return (
    <span class={`kind-mark kind-${kind}`} aria-hidden="true">
      <Icon name={ICONS[kind]} />
    </span>
  );
}
