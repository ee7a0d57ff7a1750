import { GraphiQL, HISTORY_PLUGIN } from "graphiql";
import "graphiql/style.css";
import { createRoot } from "react-dom/client";
import "./explorer.css";
import { storage } from "./storage.js";

const workers = { graphql: "graphql.worker.js", json: "json.worker.js" };

globalThis.MonacoEnvironment = {
  getWorker(_id, label) {
    const file = workers[label] ?? "editor.worker.js";
    return new Worker(new URL(file, import.meta.url), { type: "module" });
  },
};

async function fetcher(operation, options) {
  const response = await fetch(window.location.pathname, {
    method: "POST",
    headers: {
      Accept: "application/graphql-response+json, application/json;q=0.9",
      "Content-Type": "application/json",
      ...options?.headers,
    },
    body: JSON.stringify(operation),
  });
  return response.json();
}

const explorer = document.getElementById("explorer");
const tabs = JSON.parse(explorer.dataset.queries).map(({ query }) => ({ query }));

createRoot(explorer).render(
  <GraphiQL
    fetcher={fetcher}
    defaultTabs={tabs}
    plugins={[HISTORY_PLUGIN]}
    storage={storage}
    shouldPersistHeaders={false}
    showPersistHeadersSettings={false}
  >
    <GraphiQL.Logo>trophycase</GraphiQL.Logo>
  </GraphiQL>,
);
