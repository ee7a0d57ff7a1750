// Opens GraphiQL at argv[2], whose server requires the API key argv[4], in Chromium at argv[3],
// enters the key and prints as one JSON object what was sent and stored.

import { launch } from "../../conformance/scripts/chromium.mjs";
import { showTab } from "./tabs.mjs";

const [address, executablePath, key] = process.argv.slice(2);

const browser = await launch(executablePath);
try {
  const context = await browser.newContext();
  context.setDefaultTimeout(30_000);
  const urls = [];
  context.on("request", (request) => urls.push(request.url()));

  const page = await open(context);
  const frames = [];
  page.on("websocket", (socket) => {
    urls.push(socket.url());
    socket.on("framesent", ({ payload }) => frames.push(String(payload)));
  });
  const before = await page.getByRole("status").innerText();
  const schema = page.waitForResponse((response) => response.status() === 200 && isPost(response));
  await enter(page, key);
  await schema;
  const sent = [await run(page)];

  await showTab(page, "Live");
  await page.getByRole("button", { name: /Execute query/ }).click();
  await page.locator(".result-window .view-lines").getByText("achievementUnlocked").first().waitFor();
  const greeting = JSON.parse(frames[0]);
  const stored = await page.evaluate(() => JSON.stringify(localStorage) + document.cookie);

  await page.reload();
  await showTab(page, "OnePerson");
  sent.push(await run(page));
  await enter(page, "");
  sent.push(await run(page));

  await enter(page, key);
  const other = await open(context);
  sent.push(await run(other));
  console.log(JSON.stringify({ before, sent, greeting, stored, urls }));
} finally {
  await browser.close();
}

async function open(context) {
  const page = await context.newPage();
  await page.goto(address);
  await page.locator(".graphiql-query-editor .view-line").first().waitFor();
  return page;
}

async function enter(page, text) {
  await page.getByLabel("API key").fill(text);
  await page.getByRole("button", { name: "Use", exact: true }).click();
}

function isPost(response) {
  return response.request().method() === "POST";
}

// Runs the query of the tab, and returns the header that was sent and the status that came back.
async function run(page) {
  const answer = page.waitForResponse(
    (response) => isPost(response) && response.request().postData().includes("OnePerson"),
  );
  await page.getByRole("button", { name: /Execute query/ }).click();
  const response = await answer;
  return [response.request().headers().authorization ?? null, response.status()];
}
