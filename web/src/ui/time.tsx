import type { Timestamp } from "../core/api";
import { formatDay, formatMoment, formatNamed, formatRecent, formatSince } from "../core/time";

const FORMATS = { recent: formatRecent, day: formatDay, moment: formatMoment, since: formatSince };

export function Time({ at, as = "moment" }: { at: Timestamp; as?: keyof typeof FORMATS }) {
  return (
    <time dateTime={at} title={formatNamed(at)}>
      {FORMATS[as](at)}
    </time>
  );
}
