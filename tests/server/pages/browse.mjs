// Opens pages of the trophy case in Chromium and prints what is seen of each, by name, as JSON.
// Given on stdin: executablePath, folder (for pictures; may be left out), and visits: each with a
// name, an address, and as wanted width, height, dark, script (false to disable it), keys to press,
// full (for a picture of all of it), key (an API key to give, and the text that then shows), and what
// to wait for: more (a number of unlocks), live (true for a new unlock).

import { join } from "node:path";
import { collectProblems, findViolations, launch } from "../../conformance/scripts/chromium.mjs";
import { given } from "../../conformance/scripts/given.mjs";

const browser = await launch(given.executablePath);

async function visit({ name, address, width = 1280, height = 900, dark, script = true, ...wanted }) {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: dark ? "dark" : "light",
    javaScriptEnabled: script,
    locale: "en-GB",
    timezoneId: "UTC",
  });
  context.setDefaultTimeout(30_000);
  const origin = new URL(address).origin;
  const foreign = [];
  await context.route(
    (url) => url.origin !== origin,
    (route) => {
      foreign.push([route.request().resourceType(), new URL(route.request().url()).protocol]);
      route.abort();
    },
  );
  const page = await context.newPage();
  const problems = collectProblems(page);

  const response = await page.goto(address);
  const seen = { status: response.status(), ...(await use(page, wanted)) };
  seen.title = await page.title();
  seen.headings = await page.locator("h1, h2").allTextContents();
  seen.unlocks = await page.locator("#unlock-list > .unlock h3").allTextContents();
  seen.text = await page.locator("body").innerText();
  if (script) {
    seen.isTooWide = await page.evaluate(
      () => document.scrollingElement.scrollWidth > document.scrollingElement.clientWidth,
    );
    seen.violations = await findViolations(page);
  }
  if (given.folder) {
    await page.screenshot({ path: join(given.folder, `${name}.png`), fullPage: wanted.full });
  }
  await context.close();
  const kinds = [...new Set(foreign.map(([kind, protocol]) => `${kind} ${protocol}`))];
  return { ...seen, problems, foreign: kinds };
}

async function use(page, { key, shows, more, live, keys = [] }) {
  const seen = {};
  if (key) {
    await page.locator("#key").fill(key);
    await page.keyboard.press("Enter");
    await page.getByText(shows).first().waitFor();
    seen.stored = await page.evaluate(() => JSON.stringify([localStorage, document.cookie]));
  }
  const unlocks = page.locator("#unlock-list > .unlock");
  for (let count = await unlocks.count(); count < (more ?? 0); count = await unlocks.count()) {
    await page.mouse.wheel(0, 20_000);
    await unlocks.nth(count).waitFor();
  }
  if (live) {
    await page.locator("#unlock-list > .unlock.new").first().waitFor({ timeout: 60_000 });
    seen.status = await page.locator("#status").textContent();
    seen.newest = await unlocks.first().innerText();
  }
  for (const each of keys) {
    await page.keyboard.press(each);
  }
  if (keys.length) {
    seen.focused = await page.evaluate(() => document.activeElement.id);
  }
  return seen;
}

try {
  const seen = {};
  for (const each of given.visits) {
    seen[each.name] = await visit(each);
  }
  console.log(JSON.stringify(seen));
} finally {
  await browser.close();
}
