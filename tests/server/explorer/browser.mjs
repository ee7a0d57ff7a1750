// Chromium, and GraphiQL's tabs, as the scripts beside this file use them.

import { createRequire } from "node:module";

const require = createRequire(new URL("../../../server/explorer/package.json", import.meta.url));
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

// Shows a tab of GraphiQL, which reads its operation some time after that.
export async function showTab(page, name) {
  await page.locator(".graphiql-tab-button").getByText(name, { exact: true }).click();
  await page.waitForFunction((expected) => {
    const { tabs, activeTabIndex } = JSON.parse(localStorage.getItem("graphiql:tabState") ?? "{}");
    return tabs?.[activeTabIndex].operationName === expected;
  }, name);
}
