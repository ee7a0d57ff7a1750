// node gateways.mjs apollo|hive|storing: composes {sdl, ours, theirs}, serves the supergraph, and prints
// its responses to {requests: [{query, headers}]}. Apollo's gateway is configured as in
// docs/federation.md, and Hive's by its file in deploy/gateways; "storing" is Hive's with a cache of
// responses, which tells what it stores.
import { createServer } from "node:http";
import { ApolloGateway, RemoteGraphQLDataSource } from "@apollo/gateway";
import { composeServices } from "@apollo/composition";
import { ApolloServer } from "@apollo/server";
import { startStandaloneServer } from "@apollo/server/standalone";
import { createGatewayRuntime } from "@graphql-hive/gateway-runtime";
import http from "@graphql-mesh/transport-http";
import { parse } from "graphql";
import { gatewayConfig } from "../../../deploy/gateways/hive/gateway.config.mjs";
import { given } from "./given.mjs";
import { sdl } from "./neighbour.mjs";

const OURS = [
  "authorization",
  "accept-language",
  "x-retroachievements-username",
  "x-retroachievements-api-key",
];

const { supergraphSdl } = composeServices([
  { name: "trophycase", url: given.ours, typeDefs: parse(given.sdl) },
  { name: "neighbour", url: given.theirs, typeDefs: parse(sdl) },
]);

async function apollo() {
  class Forwarding extends RemoteGraphQLDataSource {
    willSendRequest({ request, context }) {
      for (const name of OURS) {
        if (context.headers?.[name]) request.http.headers.set(name, context.headers[name]);
      }
    }
  }
  const gateway = new ApolloGateway({
    supergraphSdl,
    buildService: ({ name, url }) =>
      name === "trophycase" ? new Forwarding({ url }) : new RemoteGraphQLDataSource({ url }),
    logger: { debug() {}, info() {}, warn: console.error, error: console.error },
  });
  const server = new ApolloServer({ gateway });
  const { url } = await startStandaloneServer(server, {
    listen: { host: "127.0.0.1", port: 0 },
    context: async ({ req }) => ({ headers: req.headers }),
  });
  return { url, stop: () => server.stop() };
}

function storing() {
  const stored = new Map();
  const cache = {
    get: (key) => stored.get(key),
    set: (key, value) => void stored.set(key, value),
    delete: (key) => stored.delete(key),
    getKeysByPrefix: (prefix) => [...stored.keys()].filter((key) => key.startsWith(prefix)),
  };
  const session = (request) => request.headers.get("authorization");
  return hive({ cache, responseCaching: { session, includeExtensionMetadata: true } });
}

async function hive(settings = {}) {
  const gateway = createGatewayRuntime({
    supergraph: supergraphSdl,
    transports: { http },
    logging: false,
    landingPage: false,
    ...gatewayConfig,
    ...settings,
  });
  const server = createServer(gateway);
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const stop = async () => {
    server.closeAllConnections();
    server.close();
    await gateway[Symbol.asyncDispose]();
  };
  return { url: `http://127.0.0.1:${server.address().port}/graphql`, stop };
}

const { url, stop } = await { apollo, hive, storing }[process.argv[2]]();
const answers = [];
for (const { query, headers } of given.requests) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json", ...headers },
    body: JSON.stringify({ query }),
  });
  answers.push(await response.json());
}
await stop();
console.log(JSON.stringify(answers));
process.exit(0);
