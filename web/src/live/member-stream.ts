import type { Entry, EntryKind } from "../core/api";
import { type Ack, keepConnected } from "./connection";

/** Every kind of entry has one event, all of the same frame, so `seq` has no holes. */
const KIND_OF_EVENT: Record<string, EntryKind> = {
  new_earning: "commission",
  earning_reversed: "reversal",
  payout: "payout",
  payout_returned: "payout_returned",
  adjustment: "adjustment",
};

type Frame = Omit<Entry, "id" | "kind">;

/**
 * Follows the entries of one member from the one after `lastSeq` on: each once,
 * in order, also over lost connections. Returns the function that stops it.
 */
export function followMember(
  userId: number,
  lastSeq: number,
  onEntry: (entry: Entry) => void,
): () => void {
  let seen = lastSeq;
  const { socket, close } = keepConnected((socket, done) => {
    socket.emit("register", userId, { after: seen }, (ack: Ack) => done(ack));
  });
  for (const [event, kind] of Object.entries(KIND_OF_EVENT)) {
    socket.on(event, (frame: Frame) => {
      if (frame.seq <= seen) return;
      seen = frame.seq;
      onEntry({ ...frame, id: `${frame.user_id}-${frame.seq}`, kind });
    });
  }
  return close;
}
