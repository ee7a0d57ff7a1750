"""The page a browser gets at the graph's own address."""
