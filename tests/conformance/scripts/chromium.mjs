// Chromium and axe, by the playwright-core and the axe-core of the explorer.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const explorer = new URL("../../../server/explorer/package.json", import.meta.url);
const require = createRequire(explorer);
const { chromium } = require("playwright-core");

export function launch(executablePath) {
  return chromium.launch({
    executablePath,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

// Returns the list of a page's errors, warnings and dialogs, to which each is added as it occurs.
export function collectProblems(page) {
  const problems = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) {
      problems.push(message.text());
    }
  });
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("dialog", (dialog) => {
    problems.push(`dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  return problems;
}

// Returns what axe finds in a page: each rule, with the first element that breaks it.
export async function findViolations(page) {
  await page.evaluate(readFileSync(require.resolve("axe-core/axe.min.js"), "utf8"));
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  return violations.map((each) => `${each.id}: ${each.nodes[0].html}`);
}
