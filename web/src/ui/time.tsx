import type { Timestamp } from "../core/api";
import { formatDay, formatMoment, formatRecent, formatSince, formatUtcMoment } from "../core/time";

const FORMATS = { recent: formatRecent, day: formatDay, moment: formatMoment, utc: formatUtcMoment, since: formatSince };

export function Time({ at, as = "moment" }: { at: Timestamp; as?: keyof typeof FORMATS }) {
  return (
    <time dateTime={at} title={formatMoment(at)}>
      {FORMATS[as](at)}
    </time>
  );
}
