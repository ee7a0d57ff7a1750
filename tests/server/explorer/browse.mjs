// Opens the explorer at argv[2] in Chromium at argv[3], uses it as a newcomer would and prints
// what came of it as one JSON object. argv[4], if given, is the file for a picture of the page.
// In GraphiQL it also runs a query with a request header whose value is CREDENTIAL.

import { collectProblems, launch } from "../../conformance/scripts/chromium.mjs";
import { showTab } from "./tabs.mjs";

const [address, executablePath, picture] = process.argv.slice(2);
const origin = new URL(address).origin;
const CREDENTIAL = "a-credential-that-is-not-stored";
const LEFT_BEHIND = JSON.stringify({ queries: [{ query: "{ version }", headers: CREDENTIAL }] });
const modifier = process.platform === "darwin" ? "Meta" : "Control";

const browser = await launch(executablePath);

try {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  page.setDefaultTimeout(30_000);

  const requests = [];
  const problems = collectProblems(page);
  page.context().on("request", (request) => requests.push(request.url()));

  await page.goto(address);
  const kind = await page.locator(".graphiql-container, #ready").first().getAttribute("id");
  const found = kind === "ready" ? await usePlainPage(page) : await useGraphiQL(page);
  if (picture) {
    await page.screenshot({ path: picture });
  }

  const foreign = (url) => url.startsWith("http") && new URL(url).origin !== origin;
  console.log(
    JSON.stringify({ ...found, requests, foreignRequests: requests.filter(foreign), problems }),
  );
} finally {
  await browser.close();
}

function answerTo(page, operationName) {
  return page.waitForResponse((response) => {
    const request = response.request();
    return request.method() === "POST" && request.postData().includes(`query ${operationName}`);
  });
}

async function useGraphiQL(page) {
  const frames = [];
  page.on("websocket", (socket) =>
    socket.on("framereceived", ({ payload }) => frames.push(String(payload))),
  );
  await page.locator(".graphiql-query-editor .view-line").first().waitFor();
  const tabs = await page.locator(".graphiql-tab-button").allTextContents();

  const answer = answerTo(page, tabs[0]);
  await page.getByRole("button", { name: /Execute query/ }).click();
  const result = await (await answer).json();
  const pane = page.locator(".result-window .view-lines");
  await pane.getByText('"data"').first().waitFor();
  const first = await pane.innerText();

  await page.getByRole("button", { name: /Prettify/ }).click();
  const editor = page.locator(".graphiql-query-editor .view-lines");
  await editor.getByText(/^\s*state$/).first().waitFor();

  await page.getByRole("button", { name: /Show Documentation Explorer/ }).click();
  const types = page.locator(".graphiql-doc-explorer-type-name");
  await types.first().waitFor();
  const documentationTypes = await types.allTextContents();

  await showTab(page, tabs.at(-1));
  await page.getByRole("button", { name: /Execute query/ }).click();
  await pane.getByText("achievementUnlocked").first().waitFor();
  // The editor shows only what fits; the socket has the whole event.
  const event = JSON.parse(frames.find((each) => each.includes('"next"'))).payload.data;
  const shown = await pane.innerText();
  await page.getByRole("button", { name: /Stop query/ }).click();
  await page.locator(".graphiql-tab-button").first().click();

  return {
    ...(await useCredential(page)),
    event: event.achievementUnlocked,
    page: "graphiql",
    readyQueries: tabs,
    result,
    shown: [first, shown].join("\n"),
    documentationTypes,
  };
}

// Sends a credential as a header, twice, and returns what the browser has stored after each page.
async function useCredential(page) {
  await page.evaluate((left) => localStorage.setItem("graphiql:queries", left), LEFT_BEHIND);
  await page.evaluate((value) => localStorage.setItem("graphiql:headers", value), CREDENTIAL);
  await page.evaluate(() => localStorage.setItem("graphiql:shouldPersistHeaders", "true"));
  const stored = [];
  const sent = [];
  for (const attempt of ["first", "second"]) {
    await page.reload();
    await page.locator(".graphiql-query-editor .view-line").first().waitFor();
    await page.getByRole("button", { name: "Headers", exact: true }).click();
    await page.locator(".graphiql-editor-tool .graphiql-editor:visible .view-lines").click();
    // The tab is stored again once it has taken the headers over; only then does history see them.
    await page.evaluate(() => localStorage.removeItem("graphiql:tabState"));
    await page.keyboard.insertText(JSON.stringify({ "x-request-note": CREDENTIAL, attempt }));
    await page.waitForFunction(() => localStorage.getItem("graphiql:tabState"));
    const request = page.waitForRequest((each) => (each.postData() ?? "").includes("OnePerson"));
    await page.keyboard.press(`${modifier}+Enter`);
    sent.push((await request).headers()["x-request-note"] === CREDENTIAL);
    await page.waitForFunction(() => localStorage.getItem("graphiql:queries")?.includes("OnePerson"));
    stored.push(await page.evaluate(() => JSON.stringify(localStorage)));
  }
  await page.getByRole("button", { name: /Open settings dialog/ }).click();
  const settings = await page.locator(".graphiql-dialog").innerText();
  return { sent, stored, settings, credential: CREDENTIAL };
}

async function usePlainPage(page) {
  const answer = answerTo(page, "OnePerson");
  await page.locator("#query").press(`${modifier}+Enter`);
  const result = await (await answer).json();
  const pane = page.locator("#result");
  await pane.getByText('"data"').waitFor();
  const shown = await pane.innerText();

  const readyQueries = await page.locator("#ready option").allTextContents();
  await page.locator("#ready").selectOption(readyQueries.at(-1));
  await page.locator("#query").press(`${modifier}+Enter`);
  await pane.getByText("achievementUnlocked").waitFor();
  const event = JSON.parse(await pane.innerText()).data;

  return {
    event: event.achievementUnlocked,
    page: "plain",
    readyQueries,
    result,
    shown,
  };
}
