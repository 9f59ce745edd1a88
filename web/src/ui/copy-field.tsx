import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";

import { announce } from "../core/announce";
import { copyFrom } from "../core/device";
import { Icon } from "./icons";

const SHOWN_MS = 2_000;
/** How much of it fits on a line where the room is least. */
const LINE_LETTERS = 26;

/** A text to be taken along; all of it can be read. */
export function CopyField({ label, value }: { label: string; value: string }) {
  const field = useRef<HTMLTextAreaElement>(null);
  const copied = useSignal(false);
  const copy = async () => {
    if (!field.current || !(await copyFrom(field.current))) return;
    copied.value = true;
    announce(`${label} copied`);
    setTimeout(() => {
      copied.value = false;
    }, SHOWN_MS);
  };
  return (
    <div class="copy-field">
      <textarea
        ref={field}
        readOnly
        rows={Math.ceil(value.length / LINE_LETTERS)}
        spellcheck={false}
        value={value}
        aria-label={label}
        onFocus={(event) => event.currentTarget.select()}
      />
      <button type="button" class="button primary" onClick={copy}>
        <Icon name={copied.value ? "check" : "copy"} />
        {copied.value ? "Copied" : "Copy"}
      </button>
    </div>
  );
}
