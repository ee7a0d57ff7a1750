// The test's payload from stdin, which may be larger than a pipe holds at once.
import { text } from "node:stream/consumers";

export const given = JSON.parse((await text(process.stdin)) || "{}");
