import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

import type { LiveRows } from "../live/live-rows";

type Held = Pick<LiveRows<unknown>, "hold" | "release">;

interface CardProps {
  title: string;
  /** What belongs to the title: a count, a switch. */
  aside?: ComponentChildren;
  class?: string;
  /** Its rows are held while a pointer is on the card. */
  live?: Held;
  children: ComponentChildren;
}

export function Card({ title, aside, class: extra = "", live, children }: CardProps) {
  const id = useId();
  return (
    <section
      class={`card ${extra}`}
      aria-labelledby={id}
      onPointerEnter={() => live?.hold("pointer")}
      onPointerLeave={() => live?.release("pointer")}
    >
      <header class="card-head">
        <h2 id={id}>{title}</h2>
        {aside}
      </header>
      {children}
    </section>
  );
}
