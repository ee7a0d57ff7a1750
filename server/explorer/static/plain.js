const element = (id) => document.getElementById(id);
const ready = element("ready");
const queries = JSON.parse(ready.dataset.queries);

for (const { title } of queries) {
  ready.append(new Option(title));
}

function show() {
  const { query, variables } = queries[ready.selectedIndex];
  element("query").value = query;
  element("variables").value = variables ?? "";
}

function parsed(id) {
  const text = element(id).value.trim();
  try {
    return text ? JSON.parse(text) : {};
  } catch (error) {
    throw new Error(`The ${id} are not JSON: ${error.message}`);
  }
}

let following = new AbortController();

async function follow(response) {
  let text = "";
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const frames = text.split("\n\n");
    text = frames.pop();
    for (const [, data] of frames.join("\n").matchAll(/^data: (.+)$/gm)) {
      element("result").textContent = JSON.stringify(JSON.parse(data), null, 2);
    }
  }
}

async function answer() {
  following.abort();
  following = new AbortController();
  const response = await fetch(window.location.pathname, {
    method: "POST",
    headers: {
      Accept:
        "application/graphql-response+json, application/json;q=0.9, text/event-stream;q=0.5",
      "Content-Type": "application/json",
      ...parsed("headers"),
    },
    body: JSON.stringify({ query: element("query").value, variables: parsed("variables") }),
    signal: following.signal,
  });
  if (response.headers.get("Content-Type").startsWith("text/event-stream")) {
    follow(response).catch(() => {}); // until the next query, or until the server ends it
    return "Waiting for the first event …";
  }
  const text = await response.text();
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return `${response.status} ${response.statusText}\n\n${text}`;
  }
}

async function run() {
  element("run").disabled = true;
  element("state").textContent = "Asking …";
  const started = performance.now();
  try {
    element("result").textContent = await answer();
    element("state").textContent = `${Math.round(performance.now() - started)} ms`;
  } catch (error) {
    element("result").textContent = error.message;
    element("state").textContent = "";
  } finally {
    element("run").disabled = false;
  }
}

ready.addEventListener("change", show);
element("run").addEventListener("click", run);
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !element("run").disabled) {
    event.preventDefault();
    run();
  }
});
show();
