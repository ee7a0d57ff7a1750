// Prints what the scripts' texts are, as JSON.
// Given on stdin: file (the module), percents and kinds.

import { readFileSync } from "node:fs";
import { given } from "../../conformance/scripts/given.mjs";

// Node takes a .js file for CommonJS, a browser takes it as its page says.
const source = encodeURIComponent(readFileSync(given.file, "utf8"));
const texts = await import(`data:text/javascript,${source}`);

console.log(
  JSON.stringify({
    unnamed: texts.UNNAMED,
    percents: given.percents.map(texts.formatPercent),
    kinds: given.kinds.map(texts.readWords),
  }),
);
