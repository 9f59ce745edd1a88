import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";

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
  const pressed = useRef<EventTarget | null>(null);
  const closed = useRef(onClose);
  closed.current = onClose;
  useLayoutEffect(() => {
    const element = dialog.current;
    if (!element) return;
    const opener = document.activeElement;
    const onEscape = () => closed.current();
    element.addEventListener("close", onEscape);
    element.showModal();
    return () => {
      element.removeEventListener("close", onEscape);
      element.close();
      // A dialog that is taken away gives nothing back, and what a pointer has
      // pressed had the focus last.
      requestAnimationFrame(() => giveBack(opener));
    };
  }, []);
  // What is dragged from inside, a selection, may end on the backdrop.
  const closeOnBackdrop = (event: MouseEvent) => {
    if (event.target === dialog.current && pressed.current === dialog.current) onClose();
  };
  return (
    <dialog
      ref={dialog}
      class={size ?? ""}
      aria-labelledby={id}
      onPointerDown={(event) => {
        pressed.current = event.target;
      }}
      onClick={closeOnBackdrop}
    >
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

/** Unless something else has taken the focus meanwhile. */
function giveBack(opener: Element | null): void {
  const nobody = document.activeElement === null || document.activeElement === document.body;
  if (nobody && opener instanceof HTMLElement && opener.isConnected) opener.focus();
}
