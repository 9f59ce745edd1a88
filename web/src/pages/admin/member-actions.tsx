import { useSignal } from "@preact/signals";

import type { User } from "../../core/api";
import { Icon } from "../../ui/icons";
import { ActivationDialog } from "./activation-dialog";
import { AdjustDialog } from "./adjust-dialog";

interface MemberActionsProps {
  user: User;
  currency: string;
  onChanged: (user: User) => void;
}

/** What the owner can do about one member. */
export function MemberActions({ user, currency, onChanged }: MemberActionsProps) {
  const open = useSignal<"adjust" | "activation" | null>(null);
  const close = () => {
    open.value = null;
  };
  return (
    <>
      <button
        type="button"
        class="button"
        onClick={() => {
          open.value = "adjust";
        }}
      >
        <Icon name="balance" />
        Adjust balance
      </button>
      <button
        type="button"
        class="button"
        onClick={() => {
          open.value = "activation";
        }}
      >
        {user.is_active ? "Deactivate" : "Activate"}
      </button>
      {open.value === "adjust" && <AdjustDialog user={user} currency={currency} onClose={close} />}
      {open.value === "activation" && (
        <ActivationDialog
          user={user}
          onDone={(changed) => {
            onChanged(changed);
            close();
          }}
          onClose={close}
        />
      )}
    </>
  );
}
