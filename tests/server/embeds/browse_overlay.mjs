// Opens overlays in Chromium and prints what is seen of each, by name, as JSON.
// Given on stdin: executablePath, folder (for pictures; may be left out), and visits: each with a
// name, an address, and perhaps until: a selector to wait for; after it, if interrupted is
// true, the event stream ends.

import { join } from "node:path";
import { collectProblems, findViolations, launch } from "../../conformance/scripts/chromium.mjs";
import { given } from "../../conformance/scripts/given.mjs";

const PICTURE = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8">
<rect width="8" height="8" fill="#8a4"/></svg>`;

const browser = await launch(given.executablePath);

// Runs in the page: the places of rows and of what is in them.
function measure() {
  const place = (element) => {
    const { left, top, right, bottom } = element.getBoundingClientRect();
    return { left, top, right, bottom };
  };
  return [...document.querySelectorAll(".row")].map((row) => ({
    text: row.innerText,
    place: place(row),
    parts: [...row.children].map(place),
  }));
}

// Runs in the page, before its script: lets the event sources be found.
function rememberSources() {
  globalThis.sources = [];
  globalThis.EventSource = class extends EventSource {
    constructor(...given) {
      super(...given);
      globalThis.sources.push(this);
    }
  };
}

// Tells the page that its events are interrupted, and returns how it asks for them again.
async function interrupt(page) {
  const again = page.waitForResponse((response) => response.url().includes("/events?after="));
  await page.evaluate(() => globalThis.sources.at(-1).dispatchEvent(new Event("error")));
  const response = await again;
  const isClosed = await page.evaluate(() => globalThis.sources[0].readyState === EventSource.CLOSED);
  return { status: response.status(), isClosed };
}

async function visit({ name, address, until, interrupted }) {
  const page = await browser.newPage({ viewport: { width: 480, height: 640 } });
  page.setDefaultTimeout(60_000);
  await page.addInitScript(rememberSources);
  const origin = new URL(address).origin;
  const foreign = [];
  // The pictures of the sandbox are nowhere.
  await page.route(
    (url) => url.origin !== origin,
    (route) => {
      foreign.push(route.request().resourceType());
      route.fulfill({ contentType: "image/svg+xml", body: PICTURE });
    },
  );
  const problems = collectProblems(page);
  const response = await page.goto(address);
  const before = await page.evaluate(measure);
  if (until) {
    await page.locator(until).first().waitFor();
    await page.waitForTimeout(700); // the animation of an arrival
  }
  const rows = await page.evaluate(measure);
  const background = await page.evaluate(
    () => getComputedStyle(document.documentElement).backgroundColor,
  );
  const isTooWide = await page.evaluate(
    () => document.scrollingElement.scrollWidth > document.scrollingElement.clientWidth,
  );
  const violations = await findViolations(page);
  const reconnected = interrupted ? await interrupt(page) : null;
  if (given.folder) {
    await page.screenshot({ path: join(given.folder, `${name}.png`), omitBackground: true });
  }
  await page.close();
  const status = response.status();
  const seen = { status, before, rows, background, isTooWide, foreign, problems, violations };
  return [name, { ...seen, reconnected }];
}

try {
  const seen = [];
  for (const each of given.visits) {
    seen.push(await visit(each));
  }
  console.log(JSON.stringify(Object.fromEntries(seen)));
} finally {
  await browser.close();
}
