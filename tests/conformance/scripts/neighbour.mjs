// node neighbour.mjs: serves another team's subgraph and prints its URL. It has one note about the
// user and the title whose ids are in NOTED, and no other data about them.
import { readFileSync } from "node:fs";
import { ApolloServer } from "@apollo/server";
import { ApolloServerPluginInlineTraceDisabled } from "@apollo/server/plugin/disabled";
import { startStandaloneServer } from "@apollo/server/standalone";
import { buildSubgraphSchema } from "@apollo/subgraph";
import { parse } from "graphql";

export const sdl = readFileSync(new URL("neighbour.graphql", import.meta.url), "utf8");

const [author, title] = (process.env.NOTED ?? "nobody nothing").split(" ");
const note = { __typename: "Note", id: "note-1", text: "Well played.", author: { id: author }, title: { id: title } };
const found = (id) => (id === note.id ? note : null);

const resolvers = {
  Query: {
    node: (_, { id }) => found(id),
    nodes: (_, { ids }) => ids.map(found),
    notes: () => [note],
    headers: (_, __, { headers }) => Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  },
  Note: { __resolveReference: ({ id }) => found(id) },
  User: {
    __resolveReference: ({ id }) => ({ __typename: "User", id }),
    notes: ({ id }) => ({
      edges: id === author ? [{ cursor: "1", node: note }] : [],
      pageInfo: { hasNextPage: false, hasPreviousPage: false },
    }),
  },
  TrophyTitle: {
    __resolveReference: (reference) => reference,
    guideUrl: ({ source, nativeId }) => `https://guides.example/${source}/${nativeId}`,
  },
};

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const server = new ApolloServer({
    schema: buildSubgraphSchema([{ typeDefs: parse(sdl), resolvers }]),
    plugins: [ApolloServerPluginInlineTraceDisabled()],
  });
  const { url } = await startStandaloneServer(server, {
    listen: { host: "127.0.0.1", port: 0 },
    context: async ({ req }) => ({ headers: req.headers }),
  });
  console.log(`neighbour serves ${url}`);
}
