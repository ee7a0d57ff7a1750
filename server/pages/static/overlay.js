// The overlay of a public profile: shows new unlocks as its event stream brings them.

import { UNNAMED, formatPercent, isWebUrl } from "./texts.js";

const REFRESH_SECONDS = 60;
const TOAST_SECONDS = 7;
const LEAVE_SECONDS = 0.5;
const MAX_WAITING = 20;
const RECONNECT_SECONDS = [1, 2, 5, 15, 60];
// After so many attempts the last cursor may be what is refused.
const FORGET_AFTER = 5;

const main = document.querySelector("main");
const rows = document.querySelector("#rows");
const { show, events } = main.dataset;
const count = Number(main.dataset.count);
const wait = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

function build(name, className, text) {
  const element = document.createElement(name);
  element.className = className;
  if (text !== undefined) {
    element.dir = "auto";
    element.textContent = text;
  }
  return element;
}

function buildPicture(url) {
  if (!isWebUrl(url)) {
    return build("span", "blank");
  }
  const image = document.createElement("img");
  Object.assign(image, { src: url, alt: "", width: 48, height: 48 });
  image.addEventListener("error", () => image.replaceWith(build("span", "blank")));
  return image;
}

function describeFacts({ grade, rarity }) {
  return [
    grade && grade[0] + grade.slice(1).toLowerCase(),
    rarity && formatPercent(rarity.percent),
  ].filter(Boolean);
}

function buildRow(achievement) {
  const row = build("li", "row new");
  const texts = build("div", "texts");
  row.dataset.id = achievement.id;
  texts.append(build("p", "name", achievement.name || UNNAMED));
  if (achievement.title?.name) {
    texts.append(build("p", "origin", achievement.title.name));
  }
  row.append(buildPicture(achievement.icon?.url), texts);
  const facts = describeFacts(achievement);
  if (facts.length) {
    row.append(build("p", "facts", facts.join(" · ")));
  }
  return row;
}

function addRecent(achievement) {
  const known = [...rows.children].find((each) => each.dataset.id === achievement.id);
  known?.remove();
  rows.prepend(buildRow(achievement));
  while (rows.children.length > count) {
    rows.lastElementChild.remove();
  }
}

// Toasts, one after the other

const waiting = [];
let isShowing = false;

async function addToast(achievement) {
  waiting.push(achievement);
  waiting.splice(0, waiting.length - MAX_WAITING);
  if (isShowing) {
    return;
  }
  isShowing = true;
  while (waiting.length) {
    const row = buildRow(waiting.shift());
    rows.replaceChildren(row);
    await wait(TOAST_SECONDS);
    row.classList.add("leaving");
    await wait(LEAVE_SECONDS);
    row.remove();
  }
  isShowing = false;
}

// What this server shows now, in place of what it has shown

async function refresh() {
  try {
    const response = await fetch(location.href, { cache: "no-cache" });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const found = page.querySelector("#rows");
    if (response.ok && found) {
      rows.replaceChildren(...found.children);
      main.toggleAttribute("data-incomplete", page.querySelector("[data-incomplete]") !== null);
    }
  } catch {
    // the next time, perhaps
  }
}

async function refreshRegularly() {
  for (;;) {
    await wait(REFRESH_SECONDS);
    if (show === "progress" || !events || main.hasAttribute("data-incomplete")) {
      await refresh();
    }
  }
}

// New unlocks

const takers = { recent: addRecent, toast: addToast, progress: () => setTimeout(refresh, 1000) };

function watch() {
  let cursor;
  let failures = 0;
  const open = () => {
    const url = new URL(events, location.href);
    if (cursor !== undefined && failures < FORGET_AFTER) {
      url.searchParams.set("after", cursor);
    }
    const source = new EventSource(url);
    source.addEventListener("open", () => (failures = 0));
    source.addEventListener("next", ({ data }) => {
      const event = JSON.parse(data).data?.achievementUnlocked;
      if (event) {
        cursor = event.cursor;
        takers[show](event.achievement);
      }
    });
    source.addEventListener("error", async () => {
      source.close();
      const seconds = RECONNECT_SECONDS[Math.min(failures, RECONNECT_SECONDS.length - 1)];
      failures += 1;
      await wait(seconds * (1 + Math.random() / 4));
      open();
    });
  };
  open();
}

if (events) {
  watch();
}
if (show !== "toast") {
  refreshRegularly();
}
