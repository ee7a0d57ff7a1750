// node run.mjs: Apollo's subgraph compatibility suite against {products}: its own two subgraphs on
// the ports {users, inventory}, @apollo/gateway in the place of the router, its tests under Jest.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { ApolloGateway } from "@apollo/gateway";
import { composeServices } from "@apollo/composition";
import { ApolloServer } from "@apollo/server";
import { startStandaloneServer } from "@apollo/server/standalone";
import { parse } from "graphql";
import { given } from "../given.mjs";

const require = createRequire(import.meta.url);
const suite = dirname(require.resolve("@apollo/federation-subgraph-compatibility-tests"));
const children = [];

async function subgraph(name) {
  const folder = join(suite, "subgraphs", name);
  const url = `http://localhost:${given[name]}/`;
  const ports = { USERS_PORT: given.users, INVENTORY_PORT: given.inventory };
  const child = spawn(process.execPath, ["index.js"], { cwd: folder, env: { ...process.env, ...ports } });
  children.push(child);
  for await (const line of createInterface({ input: child.stdout })) if (line.includes("ready at")) break;
  return { name, url, typeDefs: parse(readFileSync(join(folder, `${name}.graphql`), "utf8")) };
}

async function products() {
  const response = await fetch(given.products, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query: "{ _service { sdl } }" }),
  });
  const { data } = await response.json();
  return { name: "products", url: given.products, typeDefs: parse(data._service.sdl) };
}

function jest(env) {
  const program = join(dirname(require.resolve("jest/package.json")), "bin", "jest.js");
  const config = join(import.meta.dirname, "jest.config.cjs");
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [program, "--ci", "--json", "--config", config],
      { env: { ...process.env, ...env }, maxBuffer: 64 * 1024 * 1024 },
      (_, stdout, stderr) => (stdout ? resolve(JSON.parse(stdout)) : reject(new Error(stderr))),
    );
  });
}

try {
  const subgraphs = [await products(), await subgraph("users"), await subgraph("inventory")];
  const { supergraphSdl, errors } = composeServices(subgraphs);
  if (errors) throw new Error(errors.join("\n"));
  const gateway = new ApolloGateway({ supergraphSdl, logger: { debug() {}, info() {}, warn() {}, error: console.error } });
  const server = new ApolloServer({ gateway });
  const { url } = await startStandaloneServer(server, { listen: { host: "127.0.0.1", port: 0 } });
  const { testResults } = await jest({ PRODUCTS_URL: given.products, ROUTER_URL: url });
  await server.stop();
  const outcome = {};
  for (const { ancestorTitles, fullName, status } of testResults.flatMap((each) => each.assertionResults)) {
    const name = ancestorTitles[0] ?? fullName;
    outcome[name] = outcome[name] === "failed" ? "failed" : status;
  }
  console.log(JSON.stringify(outcome));
} finally {
  for (const child of children) {
    child.kill();
    await once(child, "exit");
  }
}
process.exit(0);
