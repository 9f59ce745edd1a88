import { io, type Socket } from "socket.io-client";

import { me } from "../core/me";
import { arrivals, liveStatus } from "./status";

const RETRY_MS = 3_000;
/** How long an attempt to connect may take, in ms. */
const CONNECT_MS = 8_000;

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
    transports: ["websocket", "polling"],
    tryAllTransports: true,
    forceNew: true,
    timeout: CONNECT_MS,
  });
  let retry: number | undefined;

  // A proxy can swallow the upgrade without a word. What works is tried first
  // from then on, and a WebSocket beside it.
  const failed = (error: Error) => {
    if (error.message === "timeout") socket.io.opts.transports = ["polling", "websocket"];
    lost();
  };
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
  const follow = () => {
    subscribe(socket, (ack) => {
      if (ack.ok) liveStatus.value = "live";
      else if (ack.error?.code === "forbidden") close();
      else socket.disconnect();
    });
  };
  // A connection can outlive a short time without a network.
  const online = () => {
    if (socket.connected) follow();
    else socket.connect();
  };

  liveStatus.value = "connecting";
  socket.on("connect", follow);
  socket.onAny(() => {
    arrivals.value += 1;
  });
  socket.on("disconnect", lost);
  socket.on("connect_error", failed);
  addEventListener("offline", lost);
  addEventListener("online", online);

  const close = () => {
    clearTimeout(retry);
    removeEventListener("offline", lost);
    removeEventListener("online", online);
    socket.off();
    socket.offAny();
    socket.disconnect();
    liveStatus.value = null;
  };
  return { socket, close };
}
