import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

interface FocusedProps {
  class?: string;
  role?: "status";
  children: ComponentChildren;
}

/** Takes the focus when it replaces what had it: into its first field, or on itself. */
export function Focused({ children, ...rest }: FocusedProps) {
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const field = box.current?.querySelector<HTMLElement>("input, select");
    (field ?? box.current)?.focus();
  }, []);
  return (
    <div ref={box} tabIndex={-1} {...rest}>
      {children}
    </div>
  );
}
