// node audit.mjs URL: runs every audit of graphql-http against a server.
import { auditServer } from "graphql-http";

const results = await auditServer({ url: process.argv[2], fetchFn: fetch });
const failed = [];
for (const result of results) {
  if (result.status !== "ok") failed.push(`${result.id} ${result.status} ${result.name}: ${result.reason}`);
  await result.response?.body?.cancel();
}
console.log(JSON.stringify({ audits: results.length, failed }));
