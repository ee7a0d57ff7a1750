// An application that uses the generated types; it is only type-checked.
import { GraphQLClient } from "graphql-request";
import { graphql, useFragment, type FragmentType } from "./generated/index.js";
import type { AchievementState } from "./generated/graphql.js";

const Card = graphql(`
  fragment Card on TrophyTitle {
    id
    name
    progress
    lastUpdatedAt
    icon { url }
  }
`);

const Shelf = graphql(`
  query Shelf($accounts: [AccountInput!]!, $after: String, $state: AchievementState! = EARNED) {
    user(accounts: $accounts) {
      id
      accounts {
        handle
        ... on PsnAccount { trophySummary { level } }
      }
      trophyTitles(first: 10, after: $after) {
        edges { node { ...Card } }
        pageInfo { endCursor hasNextPage }
        sources { source state retryAfter }
      }
      achievements(state: $state) { edges { node { name earnedAt points { value } } } }
    }
  }
`);

const EARNED: AchievementState = "EARNED";

function card(given: FragmentType<typeof Card>): string {
  const title = useFragment(Card, given);
  const updated: string | null | undefined = title.lastUpdatedAt;
  const icon: string | null | undefined = title.icon?.url;
  return `${title.name ?? "?"} ${title.progress ?? 0} % ${updated ?? ""} ${icon ?? ""}`;
}

export async function shelf(url: string): Promise<string[]> {
  const client = new GraphQLClient(url);
  const { user } = await client.request(Shelf, {
    accounts: [{ source: "PSN", handle: "me" }],
    state: EARNED,
  });
  // @ts-expect-error a handle has to be there
  await client.request(Shelf, { accounts: [{ source: "PSN" }] }).catch(() => undefined);
  return user?.trophyTitles.edges.map(({ node }) => card(node)) ?? [];
}
