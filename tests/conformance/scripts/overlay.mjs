// Opens the page of an overlay in Chromium, and prints what it shows first.
// Given on stdin: executablePath and page.

import { collectProblems, launch } from "./chromium.mjs";
import { given } from "./given.mjs";

const browser = await launch(given.executablePath);
try {
  const page = await browser.newPage();
  const problems = collectProblems(page);
  await page.goto(given.page);
  await page.waitForFunction(() => document.getElementById("unlock").textContent, null, {
    timeout: 60_000,
  });
  console.log(JSON.stringify({ shown: await page.locator("#unlock").innerText(), problems }));
} finally {
  await browser.close();
}
