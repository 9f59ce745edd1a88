import type { JSX } from "preact";

type ButtonProps = Omit<JSX.IntrinsicElements["button"], "disabled" | "onClick"> & {
  /** Whether it can be used. It keeps the focus when it cannot, which `disabled` would drop. */
  off: boolean;
  onClick?: () => void;
};

/** A button that is off now and then: while something is sent, or at the end of a list. */
export function Button({ off, onClick, type = "button", ...rest }: ButtonProps) {
  const onPress = (event: MouseEvent) => {
    // Of a submit button, this holds the form back.
    if (off) event.preventDefault();
    else onClick?.();
  };
  return <button {...rest} type={type} aria-disabled={off} onClick={onPress} />;
}
