import type { PurchaseRow } from "../core/api";
import { type Ack, keepConnected } from "./connection";

/**
 * Follows the purchases that this node commits. It is a convenience: whoever
 * needs all of them reloads the list, as `onConnect` asks for.
 */
export function followPurchases(
  onPurchase: (purchase: PurchaseRow) => void,
  onConnect: () => void,
): () => void {
  const { socket, close } = keepConnected((socket, done) => {
    socket.emit("watch", (ack: Ack) => {
      done(ack);
      if (ack.ok) onConnect();
    });
  });
  socket.on("purchase", onPurchase);
  return close;
}
