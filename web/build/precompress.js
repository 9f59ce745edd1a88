import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const TEXT = /\.(css|html|js|json|map|svg|txt|webmanifest)$/;

/** Writes a `.br` and a `.gz` beside each text file, where they are smaller. */
export function precompress() {
  let outDir;
  return {
    name: "precompress",
    apply: "build",
    enforce: "post",
    configResolved(config) {
      outDir = config.build.outDir;
    },
    closeBundle() {
      for (const entry of readdirSync(outDir, { recursive: true, withFileTypes: true })) {
        if (entry.isFile() && TEXT.test(entry.name)) {
          compress(join(entry.parentPath ?? entry.path, entry.name));
        }
      }
    },
  };
}

function compress(file) {
  const identity = readFileSync(file);
  const variants = {
    br: brotliCompressSync(identity, {
      params: {
        [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
        [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
        [constants.BROTLI_PARAM_SIZE_HINT]: identity.length,
      },
    }),
    gz: gzipSync(identity, { level: constants.Z_BEST_COMPRESSION }),
  };
  for (const [suffix, bytes] of Object.entries(variants)) {
    if (bytes.length < identity.length) writeFileSync(`${file}.${suffix}`, bytes);
  }
}
