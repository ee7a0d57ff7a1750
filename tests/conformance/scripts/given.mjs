// The test's payload from stdin.
import { readFileSync } from "node:fs";

export const given = JSON.parse(readFileSync(0, "utf8") || "{}");
