/**
 * What all of the API shares. Money is a decimal string and times are RFC 3339
 * in UTC; only `money.ts` and `time.ts` look inside them.
 */
export type Money = string;
export type Timestamp = string;
/** `level_1`, `level_2`, … */
export type LevelKey = `level_${number}`;

/** Part of a list, and where the next part begins. */
export interface Page<T> {
  data: T[];
  next_cursor: string | null;
}

/** The address of one page of a list. */
export const page = (path: string, limit: number, cursor: string | null) =>
  `${path}?limit=${limit}${cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`}`;

/** What was sent under a reference, and whether it had been there before. */
export interface Sent<T> {
  body: T;
  replayed: boolean;
}

export const sent = <T>({ body, headers }: { body: T; headers: Headers }): Sent<T> => ({
  body,
  replayed: headers.get("Idempotent-Replayed") === "true",
});
