// Lists all achievements of the viewer, newest first: node urql.mjs
import { Client, fetchExchange, gql } from "@urql/core";

const client = new Client({
  url: "https://HOST/graphql",
  fetchOptions: { headers: { authorization: "Bearer KEY" } },
  exchanges: [fetchExchange],
  preferGetMethod: false,
});
const query = gql`
  query Timeline($after: String) {
    viewer {
      achievements(first: 100, after: $after) {
        edges { node { id name earnedAt source title { name } } }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
`;

let after = null;
do {
  const { data, error } = await client.query(query, { after }).toPromise();
  if (error) console.error(error.message);
  const page = data?.viewer?.achievements;
  for (const { node } of page?.edges ?? []) {
    console.log([node.earnedAt, node.source, node.title?.name, node.name].join("\t"));
  }
  after = page?.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
} while (after);
