import { defineConfig } from "vite";

import { precompress } from "./build/precompress.js";
import { socketIoClient } from "./build/socket-io-client.js";
import { thirdParty } from "./build/third-party.js";

export default defineConfig({
  plugins: [socketIoClient(), thirdParty(), precompress()],
  build: {
    // Everything below is the age of `light-dark()`: the spring of 2024.
    target: ["chrome123", "edge123", "firefox121", "safari17.5"],
    // The server's content security policy has no `data:` but for images.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: {
      input: ["index.html", "not-found.html"],
      output: {
        codeSplitting: {
          groups: [
            { name: "charts", test: /node_modules\/(chart\.js|@kurkle)\// },
            { name: "socket-io", test: /node_modules\/(@socket\.io|socket\.io|engine\.io)/ },
          ],
        },
      },
    },
  },
  server: {
    host: "127.0.0.1",
    proxy: {
      "/api": "http://127.0.0.1:3000",
      "/socket.io": { target: "http://127.0.0.1:3000", ws: true },
    },
  },
});
