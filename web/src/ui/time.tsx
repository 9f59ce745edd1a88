import type { Timestamp } from "../core/api";
import { formatDay, formatMoment, formatRecent } from "../core/time";

const FORMATS = { recent: formatRecent, day: formatDay, moment: formatMoment };

export function Time({ at, as = "moment" }: { at: Timestamp; as?: keyof typeof FORMATS }) {
  return (
    <time dateTime={at} title={formatMoment(at)}>
      {FORMATS[as](at)}
    </time>
  );
}
