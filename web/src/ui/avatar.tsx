/** The initials of a name; a masked name (`C•••`) keeps its one letter. */
export function Avatar({ name, dim = false }: { name: string; dim?: boolean }) {
  const initials = name
    .split(/\s+/)
    .map((word) => word.charAt(0))
    .filter((letter) => letter !== "•")
    .slice(0, 2)
    .join("");
  return (
    <span class={dim ? "avatar dim" : "avatar"} aria-hidden="true">
      {initials}
    </span>
  );
}
