import { cp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { constants, gzipSync } from "node:zlib";
import { build } from "esbuild";

const dist = new URL("dist/", import.meta.url);
await rm(dist, { recursive: true, force: true });

// graphiql/style.css holds Monaco's rules already.
const monacoStylesOnlyOnce = {
  name: "monaco-styles-only-once",
  setup({ onLoad }) {
    onLoad({ filter: /monaco-editor[\\/].*\.css$/ }, () => ({ contents: "" }));
  },
};

await build({
  absWorkingDir: fileURLToPath(new URL(".", import.meta.url)),
  entryPoints: {
    explorer: "entry.jsx",
    "editor.worker": "monaco-editor/esm/vs/editor/editor.worker.js",
    "json.worker": "monaco-editor/esm/vs/language/json/json.worker.js",
    "graphql.worker": "monaco-graphql/esm/graphql.worker.js",
  },
  outdir: "dist",
  bundle: true,
  splitting: true,
  format: "esm",
  target: "es2022",
  jsx: "automatic",
  minify: true,
  legalComments: "linked",
  define: { "process.env.NODE_ENV": '"production"' },
  // GraphiQL asks for these by their old names, which are CommonJS: esbuild would load them without
  // their named exports, and Prettify would find no parser.
  alias: {
    "prettier/parser-babel": "prettier/plugins/babel",
    "prettier/parser-graphql": "prettier/plugins/graphql",
  },
  plugins: [monacoStylesOnlyOnce],
  logLevel: "warning",
});

await cp(new URL("static/icon.svg", import.meta.url), new URL("icon.svg", dist));

// The server sends these as they are to browsers that accept gzip.
for (const name of await readdir(dist)) {
  if (!/\.(js|css|svg)$/.test(name)) continue;
  const content = await readFile(new URL(name, dist));
  const level = constants.Z_BEST_COMPRESSION;
  await writeFile(new URL(`${name}.gz`, dist), gzipSync(content, { level }));
}
