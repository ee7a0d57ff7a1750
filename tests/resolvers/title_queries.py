"""Queries for a page of titles."""

TITLES = """
query ($accounts: [AccountInput!]!, $first: Int!, $after: String, $sources: [Source!]) {
  user(accounts: $accounts) {
    trophyTitles(first: $first, after: $after, sources: $sources) {
      totalCount
      edges { cursor node { id source nativeId lastUpdatedAt } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      sources { source state }
    }
  }
}
"""
ORDERED = """
query ($accounts: [AccountInput!]!, $first: Int!, $after: String,
       $order: TitleOrder! = LAST_UPDATED, $completion: TitleCompletion! = ANY) {
  user(accounts: $accounts) {
    trophyTitles(first: $first, after: $after, orderBy: $order, completion: $completion) {
      edges { cursor node { source nativeId progress earnedCount achievementCount lastUpdatedAt } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      sources { source state }
    }
  }
}
"""
