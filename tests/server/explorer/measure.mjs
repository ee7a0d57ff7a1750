// Opens GraphiQL at argv[2] in Chromium at argv[3] on a phone and prints as one JSON object where
// its parts stand, before and after Docs are opened, and what Docs list.

import { launch } from "../../conformance/scripts/chromium.mjs";
import { showTab } from "./tabs.mjs";

const [address, executablePath] = process.argv.slice(2);

const browser = await launch(executablePath);
try {
  const page = await browser.newPage({ viewport: { width: 390, height: 844 } });
  page.setDefaultTimeout(30_000);
  await page.goto(address);
  await page.locator(".graphiql-query-editor .view-line").first().waitFor();
  await showTab(page, "Campaigns");
  await page.getByRole("button", { name: /Execute query/ }).click();
  await page.locator(".result-window .view-lines").getByText("’").first().waitFor();

  const marked = await page.locator(".unicode-highlight").count();
  const query = await page.locator(".graphiql-editors").boundingBox();
  const response = await page.locator(".graphiql-response").boundingBox();
  const size = await page.evaluate(() => {
    const { scrollWidth, scrollHeight } = document.documentElement;
    return [scrollWidth, scrollHeight];
  });

  await page.getByRole("button", { name: /Show Documentation Explorer/ }).click();
  const docs = page.locator(".graphiql-plugin");
  await docs.getByText("Query", { exact: true }).waitFor();
  const description = await docs.locator(".graphiql-markdown-description").first().innerText();
  const types = await docs.locator(".graphiql-doc-explorer-type-name").allTextContents();
  const isQueryShown = await page.locator(".graphiql-editors").isVisible();
  await docs.getByText("Query", { exact: true }).click();
  const names = docs.locator(".graphiql-doc-explorer-field-name");
  await names.first().waitFor();
  const fields = await names.allTextContents();
  console.log(
    JSON.stringify({ marked, query, response, size, description, types, isQueryShown, fields }),
  );
} finally {
  await browser.close();
}
