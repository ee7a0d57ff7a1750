// Opens the page of an example in Chromium, presses "More" until there is none, and prints the list.
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
  const items = page.locator("#achievements li");
  const more = page.locator("#more");
  await items.first().waitFor({ timeout: 60_000 });
  while (await more.isVisible()) {
    const count = await items.count();
    await more.click();
    await page.waitForFunction(
      (count) => document.querySelectorAll("#achievements li").length > count,
      count,
    );
  }
  const problem = await page.locator("#problem").textContent();
  console.log(JSON.stringify({ items: await items.allTextContents(), problem, errors }));
} finally {
  await browser.close();
}
