import { readFileSync } from "node:fs";

/** The files that a Node server of Socket.IO serves under `/socket.io/`. */
export const CLIENT_FILES = ["socket.io.js", "socket.io.min.js", "socket.io.esm.min.js"].flatMap(
  (name) => [name, `${name}.map`],
);

export function readClientFile(name) {
  return readFileSync(new URL(`../node_modules/socket.io-client/dist/${name}`, import.meta.url));
}

/**
 * Copies the official client, so that a page written for the Node server,
 * with its `<script src="/socket.io/socket.io.js">`, runs unchanged.
 */
export function socketIoClient() {
  return {
    name: "socket-io-client",
    apply: "build",
    generateBundle() {
      for (const name of CLIENT_FILES) {
        this.emitFile({
          type: "asset",
          fileName: `socket.io/${name}`,
          source: readClientFile(name),
        });
      }
    },
  };
}
