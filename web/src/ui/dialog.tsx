import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";

import { Icon } from "./icons";

interface DialogProps {
  title: string;
  onClose: () => void;
  /** For what holds a table. */
  size?: "wide";
  children: ComponentChildren;
}

/** A modal dialog, open as long as it is rendered; the focus goes back to where it was. */
export function Dialog({ title, onClose, size, children }: DialogProps) {
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  const closed = useRef(onClose);
  closed.current = onClose;
  useEffect(() => {
    const element = dialog.current;
    if (!element) return;
    const onEscape = () => closed.current();
    element.addEventListener("close", onEscape);
    element.showModal();
    return () => {
      element.removeEventListener("close", onEscape);
      // Only closing gives the focus back; being taken away does not.
      element.close();
    };
  }, []);
  const closeOnBackdrop = (event: MouseEvent) => {
    if (event.target === dialog.current) onClose();
  };
  return (
    <dialog ref={dialog} class={size ?? ""} aria-labelledby={id} onClick={closeOnBackdrop}>
      <div class="dialog-body">
        <header class="dialog-head">
          <h2 id={id}>{title}</h2>
          <button type="button" class="button quiet icon-only" aria-label="Close" onClick={onClose}>
            <Icon name="close" />
          </button>
        </header>
        {children}
      </div>
    </dialog>
  );
}
