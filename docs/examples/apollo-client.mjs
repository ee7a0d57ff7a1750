// Lists all achievements of the viewer, newest first: node apollo-client.mjs
import { ApolloClient, HttpLink, InMemoryCache, gql } from "@apollo/client";
import { relayStylePagination } from "@apollo/client/utilities";

const client = new ApolloClient({
  link: new HttpLink({
    uri: "https://HOST/graphql",
    headers: { authorization: "Bearer KEY" },
  }),
  cache: new InMemoryCache({
    typePolicies: { User: { fields: { achievements: relayStylePagination(["sources", "state"]) } } },
  }),
  // The fields that could be loaded are shown, whatever happened to the others.
  defaultOptions: { query: { errorPolicy: "all" } },
});
const query = gql`
  query Timeline($after: String) {
    viewer {
      id
      achievements(first: 100, after: $after) {
        edges {
          node {
            id
            name
            earnedAt
            source
            title {
              id
              name
            }
          }
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  }
`;

let after = null;
let data, error;
do {
  // Not from the cache, in which a page is the same field as those before it: there they are merged.
  ({ data, error } = await client.query({
    query,
    variables: { after },
    fetchPolicy: "network-only",
  }));
  const page = data?.viewer?.achievements.pageInfo;
  after = page?.hasNextPage ? page.endCursor : null;
} while (after);
if (error) console.error(error.message);
for (const { node } of data?.viewer?.achievements.edges ?? []) {
  console.log([node.earnedAt, node.source, node.title?.name, node.name].join("\t"));
}
