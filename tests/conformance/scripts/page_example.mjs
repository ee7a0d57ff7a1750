// Opens the page of an example in Chromium, presses "More" until there is none, and prints the list.
// Given on stdin: executablePath and page.

import { collectProblems, launch } from "./chromium.mjs";
import { given } from "./given.mjs";

const browser = await launch(given.executablePath);
try {
  const page = await browser.newPage();
  const problems = collectProblems(page);
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
  const shown = await page.locator("#problem").textContent();
  console.log(JSON.stringify({ items: await items.allTextContents(), problem: shown, problems }));
} finally {
  await browser.close();
}
