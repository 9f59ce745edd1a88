/** What a shop has noted by itself, as lines of a list of facts. */
export function NoteFacts({ notes }: { notes: Record<string, string> }) {
  return (
    <>
      {Object.entries(notes).map(([name, note]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd class="written">{note}</dd>
        </div>
      ))}
    </>
  );
}
