import type { Signal } from "@preact/signals";
import type { ComponentChildren, JSX, TargetedInputEvent } from "preact";
import { useId } from "preact/hooks";

import { AMOUNT_PATTERN } from "../core/money";

interface FieldMembers {
  label: string;
  hint?: string | undefined;
  error?: string | undefined;
}

type FieldProps = JSX.IntrinsicElements["input"] &
  FieldMembers & {
    /** Holds the text, where somebody other than the form wants it. */
    text?: Signal<string>;
  };

export function Field({ label, hint, error, text, ...input }: FieldProps) {
  return (
    <Labelled label={label} hint={hint} error={error}>
      {(wiring) => (
        <input
          {...wiring}
          {...(text && {
            value: text.value,
            onInput: (event: TargetedInputEvent<HTMLInputElement>) => {
              text.value = event.currentTarget.value;
            },
          })}
          {...input}
        />
      )}
    </Labelled>
  );
}

/** An amount, typed as people write it. */
export function MoneyField(props: FieldProps) {
  return (
    <Field
      inputmode="decimal"
      pattern={AMOUNT_PATTERN}
      title="An amount such as 2500 or 2,500.00"
      autocomplete="off"
      {...props}
    />
  );
}

interface SelectFieldProps extends FieldMembers {
  choice: Signal<string>;
  options: { value: string; label: string }[];
}

export function SelectField({ label, hint, error, choice, options }: SelectFieldProps) {
  return (
    <Labelled label={label} hint={hint} error={error}>
      {(wiring) => (
        <select
          {...wiring}
          value={choice.value}
          onChange={(event) => {
            choice.value = event.currentTarget.value;
          }}
        >
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
      )}
    </Labelled>
  );
}

interface Wiring {
  id: string;
  "aria-invalid": boolean;
  "aria-describedby": string | undefined;
}

interface LabelledProps extends FieldMembers {
  children: (wiring: Wiring) => ComponentChildren;
}

/** The label above a control, and beneath it the hint or what is wrong. */
function Labelled({ label, hint, error, children }: LabelledProps) {
  const id = useId();
  const noteId = `${id}-note`;
  const note = error ?? hint;
  return (
    <div class={error ? "field has-error" : "field"}>
      <label for={id}>{label}</label>
      {children({
        id,
        "aria-invalid": error !== undefined,
        "aria-describedby": note === undefined ? undefined : noteId,
      })}
      {note !== undefined && (
        <p id={noteId} class="field-note">
          {note}
        </p>
      )}
    </div>
  );
}
