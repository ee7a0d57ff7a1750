// Opens the page of an overlay in Chromium, and prints what it shows first.
// Given on stdin: executablePath and page.

import { createRequire } from "node:module";
import { given } from "./given.mjs";

const explorer = new URL("../../../server/explorer/package.json", import.meta.url);
const { chromium } = createRequire(explorer)("playwright-core");

const browser = await chromium.launch({
  executablePath: given.executablePath,
  args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"],
});
try {
  const page = await browser.newPage();
  const errors = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  await page.goto(given.page);
  await page.waitForFunction(() => document.getElementById("unlock").textContent, null, {
    timeout: 60_000,
  });
  console.log(JSON.stringify({ shown: await page.locator("#unlock").innerText(), errors }));
} finally {
  await browser.close();
}
