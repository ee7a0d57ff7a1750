// The page works without this script. With it, times are in the visitor's own zone, more unlocks
// come while scrolling, new ones as they happen, and a key may be given, which stays in the tab.

import { UNNAMED, formatPercent, isWebUrl, readWords } from "./texts.js";

const KEY_NAME = "trophycase-key";
const STATUS_SECONDS = 10;
const RECONNECT_SECONDS = [1, 5, 15, 60];
const formatTime = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const find = (selector, root = document) => root.querySelector(selector);

function request(url, accept) {
  const key = sessionStorage.getItem(KEY_NAME);
  const headers = { accept, ...(key && { authorization: `Bearer ${key}` }) };
  return fetch(url, { headers });
}

async function loadPage(url) {
  const response = await request(url, "text/html");
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  return { isOk: response.ok, page };
}

function localizeTimes(root) {
  for (const time of root.querySelectorAll("time")) {
    time.textContent = formatTime.format(new Date(time.dateTime));
  }
}

// Further pages of unlocks

function isShown(id) {
  return [...document.querySelectorAll(".unlock")].some((each) => each.dataset.id === id);
}

async function showMore(link) {
  const { isOk, page } = await loadPage(link.href);
  const list = find("#unlock-list", page);
  if (!isOk || !list) {
    return; // the link is still there
  }
  localizeTimes(list);
  const items = [...list.children].filter((each) => !isShown(each.dataset.id));
  const hadFocus = document.activeElement === link;
  find("#unlock-list").append(...items);
  const next = find("#more", page);
  if (hadFocus && items.length) {
    items[0].tabIndex = -1;
    items[0].focus();
  }
  if (next) {
    link.href = next.href;
  } else {
    link.parentElement.remove();
  }
}

function watchMore(link) {
  let isLoading = false;
  const load = async () => {
    if (isLoading) {
      return;
    }
    isLoading = true;
    link.setAttribute("aria-busy", "true");
    try {
      await showMore(link);
    } finally {
      isLoading = false;
      link.removeAttribute("aria-busy");
    }
  };
  link.addEventListener("click", (event) => {
    event.preventDefault();
    load();
  });
  const observer = new IntersectionObserver(([entry]) => entry.isIntersecting && load(), {
    rootMargin: "400px",
  });
  observer.observe(link);
}

// New unlocks

function addFact(facts, text, ...classes) {
  const fact = document.createElement("span");
  fact.textContent = text;
  fact.classList.add(...classes);
  facts.append(fact);
}

function fillFacts(facts, achievement) {
  const { grade, points, rarity, unlockMode, earnedAt } = achievement;
  if (grade) {
    addFact(facts, readWords(grade), "grade", grade.toLowerCase());
  }
  if (points) {
    addFact(facts, `${points.value.toLocaleString("en")} ${readWords(points.unit)}`);
  }
  if (rarity) {
    const text = `${formatPercent(rarity.percent)} ${readWords(rarity.band)}`;
    addFact(facts, text, "rarity", rarity.band.toLowerCase());
  }
  if (unlockMode) {
    addFact(facts, readWords(unlockMode));
  }
  if (earnedAt) {
    const time = document.createElement("time");
    time.dateTime = earnedAt;
    facts.append(time);
  }
}

function buildUnlock(achievement) {
  const item = find("#unlock-template").content.firstElementChild.cloneNode(true);
  const put = (part, text) => (find(`[data-part="${part}"]`, item).textContent = text);
  const label = find(`[data-source="${achievement.source}"] .label`);
  item.dataset.id = achievement.id;
  item.classList.add("new");
  put("name", achievement.name || UNNAMED);
  put("title", achievement.title?.name ?? "");
  put("description", achievement.description ?? "");
  put("source", label?.textContent ?? readWords(achievement.source));
  find(".title", item).hidden = !achievement.title?.name;
  fillFacts(find(".facts", item), achievement);
  const url = achievement.icon?.url ?? achievement.title?.icon?.url;
  if (isWebUrl(url)) {
    const image = document.createElement("img");
    Object.assign(image, { className: "icon", src: url, alt: "", width: 56, height: 56 });
    find(".icon", item).replaceWith(image);
  }
  localizeTimes(item);
  return item;
}

function showUnlock(achievement) {
  if (isShown(achievement.id)) {
    return;
  }
  find("#unlock-list").prepend(buildUnlock(achievement));
  find("#unlocks .empty")?.remove();
  const of = achievement.title?.name ? ` in ${achievement.title.name}` : "";
  const status = find("#status");
  status.textContent = `New: ${achievement.name ?? "an unlock"}${of}`;
  clearTimeout(showUnlock.timer);
  showUnlock.timer = setTimeout(() => (status.textContent = ""), STATUS_SECONDS * 1000);
}

async function* readEvents(body) {
  let text = "";
  for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const blocks = text.split("\n\n");
    text = blocks.pop();
    for (const block of blocks) {
      const [name, data] = block.split("\ndata: ");
      if (name === "event: next") {
        yield JSON.parse(data);
      }
    }
  }
}

async function watchUnlocks(address) {
  const url = new URL(address, document.baseURI);
  for (let attempt = 0; ; attempt += 1) {
    try {
      const response = await request(url, "text/event-stream");
      if (response.status >= 400 && response.status < 500) {
        return; // asked again, it would be refused again
      }
      for await (const { data } of response.ok ? readEvents(response.body) : []) {
        const event = data?.achievementUnlocked;
        if (event) {
          attempt = 0;
          url.searchParams.set("after", event.cursor);
          showUnlock(event.achievement);
        }
      }
    } catch {
      // the connection has ended
    }
    const seconds = RECONNECT_SECONDS[Math.min(attempt, RECONNECT_SECONDS.length - 1)];
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  }
}

// The key

async function openWithKey() {
  const { isOk, page } = await loadPage(location.href);
  if (!isOk && find("#key-form", page)) {
    sessionStorage.removeItem(KEY_NAME);
    find(".message p").textContent = find(".message p", page).textContent;
    find("#key").focus();
    return;
  }
  document.title = page.title;
  document.body.replaceWith(document.adoptNode(page.body));
  start();
}

function watchKeyForm(form) {
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    sessionStorage.setItem(KEY_NAME, find("#key").value.trim());
    openWithKey();
  });
  if (sessionStorage.getItem(KEY_NAME)) {
    openWithKey();
  }
}

function start() {
  localizeTimes(document);
  const [form, more, main] = ["#key-form", "#more", "main"].map((each) => find(each));
  if (form) {
    watchKeyForm(form);
  }
  if (more) {
    watchMore(more);
  }
  if (main?.dataset.events) {
    watchUnlocks(main.dataset.events);
  }
}

start();
