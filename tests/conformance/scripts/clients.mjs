// node clients.mjs URL: prints what three published clients receive, and the requests that they send.
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql } from "@apollo/client";
import { CombinedGraphQLErrors } from "@apollo/client/errors";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import { relayStylePagination } from "@apollo/client/utilities";
import { Client, cacheExchange, fetchExchange } from "@urql/core";
import { GraphQLClient } from "graphql-request";
import { createHash } from "node:crypto";
import possible from "./possible.mjs";

const url = process.argv[2];
const TITLES = `query Titles($after: String) {
  viewer {
    id
    trophyTitles(first: 2, after: $after) {
      edges { cursor node { id name } }
      pageInfo { endCursor hasNextPage hasPreviousPage startCursor }
    }
  }
}`;
const AGAIN = "query Again($id: ID!) { node(id: $id) { id ... on TrophyTitle { name } } }";
const WRONG = "{ viewer { nothing } }";
const HALF = '{ sources { source } node(id: "nonsense") { id } }';

/** A fetch that keeps what it was used for. */
function recorded() {
  const sent = [];
  const fetcher = (input, init = {}) => {
    const asked = new URL(input);
    const body = init.body ? JSON.parse(init.body) : Object.fromEntries(asked.searchParams);
    sent.push(`${init.method ?? "GET"} ${body.query ? "text" : "hash"}`);
    return fetch(input, init);
  };
  return { sent, fetcher };
}

const halfOf = (data, errors) => [data.sources.length, data.node, errors[0].extensions.code];
const sha256 = (text) => createHash("sha256").update(text).digest("hex");

async function apollo() {
  const { sent, fetcher } = recorded();
  const typePolicies = { User: { fields: { trophyTitles: relayStylePagination() } } };
  const cache = new InMemoryCache({ possibleTypes: await possible(url), typePolicies });
  const client = new ApolloClient({ cache, link: new HttpLink({ uri: url, fetch: fetcher }) });
  const titles = client.watchQuery({ query: gql(TITLES) });
  titles.subscribe(() => {});
  const { trophyTitles } = (await client.query({ query: gql(TITLES) })).data.viewer;
  const { id, name } = trophyTitles.edges[0].node;
  const alone = await client.query({ query: gql(AGAIN), variables: { id } });
  const held = Object.keys(cache.extract()).filter((key) => key.startsWith("TrophyTitle:"));
  const requests = sent.length;
  await titles.fetchMore({ variables: { after: trophyTitles.pageInfo.endCursor } });
  const wrong = await client.query({ query: gql(WRONG) }).catch((error) => error);
  const half = await client.query({ query: gql(HALF), errorPolicy: "all" });
  return {
    requests,
    held,
    alone: alone.data.node,
    first: { __typename: "TrophyTitle", id, name },
    merged: titles.getCurrentResult().data.viewer.trophyTitles.edges.length,
    wrong: CombinedGraphQLErrors.is(wrong) && wrong.errors[0].extensions.code,
    half: halfOf(half.data, half.error.errors),
  };
}

async function persisted(useGETForHashedQueries) {
  const outcomes = []; // of a caller with a text that the server does not have, and of the next one
  const query = gql(`query By${useGETForHashedQueries ? "Get" : "Post"} { sources { source } }`);
  for (let turn = 0; turn < 2; turn++) {
    const { sent, fetcher } = recorded();
    const link = ApolloLink.from([
      new PersistedQueryLink({ sha256, useGETForHashedQueries }),
      new HttpLink({ uri: url, fetch: fetcher }),
    ]);
    const client = new ApolloClient({ cache: new InMemoryCache(), link });
    const { data } = await client.query({ query });
    outcomes.push([data.sources.length, ...sent]);
    client.stop();
  }
  return outcomes;
}

async function urql(preferGetMethod) {
  const { sent, fetcher } = recorded();
  const client = new Client({ url, fetch: fetcher, preferGetMethod, exchanges: [cacheExchange, fetchExchange] });
  const titles = await client.query(TITLES, {});
  await client.query(TITLES, {});
  const wrong = await client.query(WRONG, {});
  const half = await client.query(HALF, {});
  return {
    titles: titles.data.viewer.trophyTitles.edges.length,
    wrong: wrong.error.graphQLErrors[0].extensions.code,
    half: halfOf(half.data, half.error.graphQLErrors),
    sent,
  };
}

async function graphqlRequest() {
  const client = new GraphQLClient(url, { headers: { "accept-language": "de-DE" } });
  const { data, extensions, status } = await client.rawRequest(TITLES, {});
  const wrong = await client.request(WRONG).catch((error) => error.response);
  const half = await new GraphQLClient(url, { errorPolicy: "all" }).rawRequest(HALF);
  const byGet = await new GraphQLClient(url, { method: "GET" }).request(TITLES, {});
  return {
    status,
    titles: data.viewer.trophyTitles.edges.length,
    upstream: Object.keys(extensions.upstream),
    wrong: wrong.errors[0].extensions.code,
    half: halfOf(half.data, half.errors),
    byGet: byGet.viewer.trophyTitles.edges.length,
  };
}

console.log(
  JSON.stringify({
    apollo: await apollo(),
    persisted: { POST: await persisted(false), GET: await persisted(true) },
    urql: { POST: await urql(false), GET: await urql("force") },
    graphqlRequest: await graphqlRequest(),
  }),
);
process.exit(0);
