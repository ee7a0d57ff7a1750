// node lint.mjs: prints the findings of two published linters in {sdl}.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import eslintPlugin from "@graphql-eslint/eslint-plugin";
import { ESLint } from "eslint";
import { buildSchema, isObjectType } from "graphql";
import { given } from "./given.mjs";

const require = createRequire(import.meta.url);
const { Configuration } = require("graphql-schema-linter/lib/configuration");
const { loadSchema } = require("graphql-schema-linter/lib/schema");
const { validateSchemaDefinition } = require("graphql-schema-linter/lib/validator");

// Fields and values are ordered for reading, identity before details.
const NOT_SORTED = /SortedAlphabetically$/;

// `awardedAt` follows RetroAchievements' own `AwardedAt`.
const RENAMED = "# eslint-disable-next-line @graphql-eslint/no-typename-prefix\n";
const sdl = given.sdl.replace(/^ +awardedAt:/m, `${RENAMED}$&`);

// Only types that can be fetched again have an id; values, pages and payloads have none.
const hasNoIdentity = (type) =>
  isObjectType(type) && !type.name.startsWith("__") && !type.getInterfaces().some(({ name }) => name === "Node");
const values = Object.values(buildSchema(given.sdl).getTypeMap()).filter(hasNoIdentity);

const { "flat/schema-recommended": recommended, "flat/schema-relay": relay } = eslintPlugin.configs;
const rules = {
  ...recommended.rules,
  ...relay.rules,
  "@graphql-eslint/strict-id-in-types": ["error", { exceptions: { types: values.map(({ name }) => name) } }],
  // The upstreams page forwards only.
  "@graphql-eslint/relay-arguments": ["error", { includeBoth: false }],
  "@graphql-eslint/relay-edge-types": [
    "error",
    // Short lists are not paged, and messages and played games are not nodes.
    { withEdgeSuffix: true, listTypeCanWrapOnlyEdgeType: false, shouldImplementNode: false },
  ],
};

async function bySchemaLinter(file) {
  const configuration = new Configuration(await loadSchema({ schemaPaths: [file] }, []), {});
  const wanted = configuration.getRules().filter(({ name }) => !NOT_SORTED.test(name));
  const found = validateSchemaDefinition(configuration.schema, wanted, configuration);
  return { rules: wanted.length, found: found.map(({ ruleName, message }) => `${ruleName}: ${message}`) };
}

async function byEslint(cwd, file) {
  const languageOptions = { parser: eslintPlugin.parser, parserOptions: { graphQLConfig: { schema: file } } };
  const plugins = { "@graphql-eslint": eslintPlugin };
  const overrideConfig = [{ files: ["**/*.graphql"], languageOptions, plugins, rules }];
  const eslint = new ESLint({ cwd, overrideConfigFile: true, overrideConfig });
  const [{ messages }] = await eslint.lintFiles([file]);
  return {
    rules: Object.keys(rules).length,
    found: messages.map(({ ruleId, message, line }) => `${ruleId}, line ${line}: ${message}`),
  };
}

const folder = mkdtempSync(join(tmpdir(), "lint-"));
const file = join(folder, "schema.graphql");
writeFileSync(file, sdl);
console.log(JSON.stringify({ linter: await bySchemaLinter(file), eslint: await byEslint(folder, file) }));
rmSync(folder, { recursive: true });
