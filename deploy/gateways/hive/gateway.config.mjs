// Hive Gateway in front of trophycase and other subgraphs:
//
//   hive-gateway supergraph ./supergraph.graphql --config-path gateway.config.mjs
//
// The supergraph is composed from `TROPHYCASE_NODE=off trophycase schema --federation` and the others'.
const FORWARDED_HEADERS = [
  "authorization",
  "accept-language",
  "cache-control",
  "x-client-id",
  "x-client-secret",
  "x-npsso",
  "x-retroachievements-api-key",
  "x-retroachievements-username",
  "x-steam-api-key",
  "x-steam-id",
  "x-trophy-so-api-key",
  "x-trophy-so-user-id",
  "x-xbox-api-key",
];

export const gatewayConfig = {
  propagateHeaders: {
    // These are one person's credentials: no other subgraph gets them.
    fromClientToSubgraphs({ request, subgraphName }) {
      if (subgraphName !== "trophycase") return {};
      const given = FORWARDED_HEADERS.map((name) => [name, request.headers.get(name)]);
      return Object.fromEntries(given.filter(([, value]) => value !== null));
    },
  },
};
