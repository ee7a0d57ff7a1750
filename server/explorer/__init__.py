"""The page that a browser gets at the GraphQL endpoint."""
