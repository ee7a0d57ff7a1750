// Shows cards in Chromium and prints where their texts are, as JSON.
// Given on stdin: executablePath, cards (names with their SVG), perhaps dark (true for a reader who
// prefers that), and picture (a file for a picture of all of them).

import { collectProblems, launch } from "../../conformance/scripts/chromium.mjs";
import { given } from "../../conformance/scripts/given.mjs";

const browser = await launch(given.executablePath);

// Runs in the page: where each text is drawn, and the room that it has.
function measure(svg) {
  const outer = svg.getBoundingClientRect();
  const place = ({ left, top, right, bottom }) => ({
    left: left - outer.left,
    top: top - outer.top,
    right: right - outer.left,
    bottom: bottom - outer.top,
  });
  return [...svg.querySelectorAll("svg > svg > text")].map((text) => ({
    text: text.textContent,
    drawn: place(text.getBoundingClientRect()),
    room: {
      left: text.parentNode.x.baseVal.value,
      top: text.parentNode.y.baseVal.value,
      right: text.parentNode.x.baseVal.value + text.parentNode.width.baseVal.value,
      bottom: text.parentNode.y.baseVal.value + text.parentNode.height.baseVal.value,
    },
  }));
}

try {
  const colorScheme = given.dark ? "dark" : "light";
  const page = await browser.newPage({ viewport: { width: 1060, height: 800 }, colorScheme });
  page.setDefaultTimeout(30_000);
  const requests = [];
  page.on("request", (request) => requests.push(request.url()));
  const problems = collectProblems(page);

  const seen = {};
  for (const [name, svg] of Object.entries(given.cards)) {
    await page.setContent("<!doctype html><body style='margin: 0'>");
    const src = `data:image/svg+xml;base64,${Buffer.from(svg).toString("base64")}`;
    const size = await page.evaluate(async (source) => {
      const image = new Image();
      image.src = source;
      await image.decode();
      document.body.append(image);
      return [image.naturalWidth, image.naturalHeight];
    }, src);
    await page.setContent(svg.slice(svg.indexOf("<svg")));
    const texts = await page.locator("svg").first().evaluate(measure);
    const elements = await page.evaluate(() => [
      ...new Set([...document.querySelectorAll("svg, svg *")].map((each) => each.localName)),
    ]);
    const fill = await page
      .locator(".background")
      .evaluate((background) => getComputedStyle(background).fill);
    seen[name] = { size, texts, elements, fill };
  }
  if (given.picture) {
    const images = Object.values(given.cards).map((svg) => {
      const encoded = Buffer.from(svg).toString("base64");
      return `<img src="data:image/svg+xml;base64,${encoded}">`;
    });
    await page.setContent(`<body style="background: #888">${images.join(" ")}`);
    await page.screenshot({ path: given.picture, fullPage: true });
  }
  const foreign = requests.filter((url) => !url.startsWith("data:"));
  console.log(JSON.stringify({ cards: seen, foreign, problems }));
} finally {
  await browser.close();
}
