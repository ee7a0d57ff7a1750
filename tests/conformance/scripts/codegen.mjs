// node codegen.mjs: runs the client preset on {sdl}, and a strict compiler on code that uses it.
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { generate } from "@graphql-codegen/cli";
import { given } from "./given.mjs";

const require = createRequire(import.meta.url);
const here = dirname(fileURLToPath(import.meta.url));
const cache = join(here, "..", "node_modules", ".cache"); // packages are resolved from here, and git ignores it
mkdirSync(cache, { recursive: true });
const folder = mkdtempSync(join(cache, "codegen-"));
cpSync(join(here, "codegen", "app.ts"), join(folder, "app.ts"));
writeFileSync(join(folder, "schema.graphql"), given.sdl);
writeFileSync(
  join(folder, "tsconfig.json"),
  JSON.stringify({
    compilerOptions: {
      strict: true,
      noEmit: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      noUnusedLocals: true,
      target: "es2022",
      module: "nodenext",
      types: [],
      lib: ["es2023", "dom"],
    },
    include: ["**/*.ts"],
  }),
);

const files = await generate(
  {
    cwd: folder,
    schema: join(folder, "schema.graphql"),
    documents: [join(folder, "app.ts")],
    silent: true,
    generates: {
      [`${folder}/generated/`]: {
        preset: "client",
        config: {
          strictScalars: true,
          scalars: { Date: "string", DateTime: "string", URL: "string", JSON: "unknown" },
          useTypeImports: true,
          emitLegacyCommonJSImports: false,
          importExtension: ".js",
        },
      },
    },
  },
  true,
);

const tsc = join(dirname(require.resolve("typescript/package.json")), "bin", "tsc");
const said = await new Promise((resolve) => {
  execFile(process.execPath, [tsc, "-p", folder], (_, stdout, stderr) => resolve(stdout + stderr));
});
console.log(JSON.stringify({ files: files.length, said }));
if (!process.env.KEEP) rmSync(folder, { recursive: true });
process.exit(0);
