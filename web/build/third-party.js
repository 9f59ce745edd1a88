import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { CLIENT_FILES, readClientFile } from "./socket-io-client.js";

const PACKAGE = /^(.*node_modules\/)((?:@[^/]+\/)?[^/]+)\//;
const LICENCE_FILE = /^(licen[cs]e|copying)(\.|$)/i;

/** Writes `third-party.txt`: every package whose code is shipped, with its licence. */
export function thirdParty() {
  let root;
  return {
    name: "third-party",
    apply: "build",
    configResolved(config) {
      root = config.root;
    },
    generateBundle(_options, bundle) {
      const names = new Set([...bundledPackages(bundle), ...packagesInsideClient()]);
      this.emitFile({
        type: "asset",
        fileName: "third-party.txt",
        source: [...names].sort().map((name) => notice(root, name)).join(`\n${"-".repeat(72)}\n\n`),
      });
    },
  };
}

function bundledPackages(bundle) {
  return Object.values(bundle)
    .flatMap((chunk) => chunk.moduleIds ?? [])
    .map(packageName)
    .filter(Boolean);
}

/** The stand-alone client is itself a bundle; its source maps say of what. */
function packagesInsideClient() {
  return CLIENT_FILES.filter((name) => name.endsWith(".map"))
    .flatMap((name) => JSON.parse(readClientFile(name)).sources)
    .map(packageName)
    .filter(Boolean)
    .concat("socket.io-client");
}

function packageName(moduleId) {
  return PACKAGE.exec(moduleId)?.[2];
}

function notice(root, name) {
  const folder = join(root, "node_modules", name);
  const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const file = readdirSync(folder).find((entry) => LICENCE_FILE.test(entry));
  const text = file && existsSync(join(folder, file)) ? readFileSync(join(folder, file), "utf8") : "";
  return `${name} ${version} (${license})\n\n${text.trim()}\n`;
}
