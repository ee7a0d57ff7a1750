// The suite's own tests as published; only the router's address is ours to choose.
const { dirname, join } = require("node:path");

module.exports = {
  rootDir: join(dirname(require.resolve("@apollo/federation-subgraph-compatibility-tests")), "tests"),
  testMatch: ["**/*.test.js"],
  testPathIgnorePatterns: [],
  transformIgnorePatterns: [],
  transform: { "client\\.js$": join(__dirname, "address.cjs") },
  haste: { retainAllFiles: true },
  watchman: false,
};
