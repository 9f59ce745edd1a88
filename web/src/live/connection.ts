import { signal } from "@preact/signals";
import { io, type Socket } from "socket.io-client";

import { me } from "../core/me";
import { token } from "../core/session";

export type LiveStatus = "connecting" | "live" | "reconnecting" | "offline";

/** The state of the page's live connection; null where a page has none. */
export const liveStatus = signal<LiveStatus | null>(null);

const RETRY_MS = 3_000;

export interface Ack {
  ok: boolean;
  error?: { code: string; message?: string };
}

/**
 * Keeps a Socket.IO connection up until the returned function is called.
 * `subscribe` runs at every (re)connection and says what to follow.
 */
export function keepConnected(subscribe: (socket: Socket, done: (ack: Ack) => void) => void): {
  socket: Socket;
  close: () => void;
} {
  // WebSocket first: polling would need a sticky proxy before several nodes.
  const socket = io({
    auth: { token: token.peek() },
    transports: ["websocket", "polling"],
    tryAllTransports: true,
    forceNew: true,
  });
  let retry: number | undefined;

  const lost = () => {
    liveStatus.value = navigator.onLine ? "reconnecting" : "offline";
    // The client gives up by itself when it was the server that hung up: that
    // is either an ended session, which `me` finds out, or a slow reader.
    if (!socket.active) {
      clearTimeout(retry);
      retry = window.setTimeout(() => {
        void me.reload();
        socket.connect();
      }, RETRY_MS);
    }
  };
  const online = () => {
    if (!socket.connected) socket.connect();
  };

  liveStatus.value = "connecting";
  socket.on("connect", () => {
    subscribe(socket, (ack) => {
      if (ack.ok) liveStatus.value = "live";
      else socket.disconnect();
    });
  });
  socket.on("disconnect", lost);
  socket.on("connect_error", lost);
  addEventListener("offline", lost);
  addEventListener("online", online);

  const close = () => {
    clearTimeout(retry);
    removeEventListener("offline", lost);
    removeEventListener("online", online);
    socket.off();
    socket.disconnect();
    liveStatus.value = null;
  };
  return { socket, close };
}
