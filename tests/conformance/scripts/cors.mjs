// Opens a page in Chromium that sends requests to a server of another origin.
// Given on stdin: executablePath, page, server and requests, each with a name and its headers.
// Prints the outcome of each request by name: status and body, or the browser's error.

import { launch } from "./chromium.mjs";
import { given } from "./given.mjs";

const browser = await launch(given.executablePath);

async function ask({ server, headers, query }) {
  try {
    const response = await fetch(server, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify({ query }),
    });
    return { status: response.status, body: await response.json() };
  } catch (error) {
    return { refused: error.name };
  }
}

try {
  const page = await browser.newPage();
  const said = [];
  page.on("console", (message) => said.push(message.text()));
  await page.goto(given.page);

  const outcomes = {};
  for (const { name, headers, query } of given.requests) {
    outcomes[name] = await page.evaluate(ask, { server: given.server, headers, query });
  }
  const origin = await page.evaluate(() => location.origin);
  console.log(JSON.stringify({ origin, outcomes, said }));
} finally {
  await browser.close();
}
