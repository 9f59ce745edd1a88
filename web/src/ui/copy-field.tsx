import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";

import { announce } from "../core/announce";
import { copyFrom } from "../core/device";
import { Icon } from "./icons";

const SHOWN_MS = 2_000;

export function CopyField({ label, value }: { label: string; value: string }) {
  const field = useRef<HTMLInputElement>(null);
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
      <input
        ref={field}
        readOnly
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
