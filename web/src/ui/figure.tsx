interface FigureProps {
  text: string;
  class: string;
  as?: "p" | "strong";
}

/** An amount that is never broken: the longer it is, the smaller it is set, to fit its box. */
export function Figure({ text, class: look, as: Tag = "p" }: FigureProps) {
  return (
    <span class="figure-box">
      <Tag class={`fitted ${look}`} style={{ "--chars": String(text.length) }}>
        {text}
      </Tag>
    </span>
  );
}
