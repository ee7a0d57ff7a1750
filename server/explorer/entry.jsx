import { GraphiQL, HISTORY_PLUGIN } from "graphiql";
import "graphiql/style.css";
import { getOperationAST } from "graphql";
import { createClient } from "graphql-ws";
import { editor } from "monaco-graphql/esm/monaco-editor.js";
import { createRoot } from "react-dom/client";
import "./explorer.css";
import { Hint, KeyField, OpenVariables, withKey } from "./session.jsx";
import { storage } from "./storage.js";

const workers = { graphql: "graphql.worker.js", json: "json.worker.js" };

globalThis.MonacoEnvironment = {
  getWorker(_id, label) {
    const file = workers[label] ?? "editor.worker.js";
    return new Worker(new URL(file, import.meta.url), { type: "module" });
  },
};

// Typographic signs in names are no mistakes, and comments are longer than the pane is wide.
editor.onDidCreateEditor((created) =>
  created.updateOptions({ unicodeHighlight: { ambiguousCharacters: false }, wordWrap: "on" }),
);

function fetcher(operation, options) {
  const { documentAST } = options ?? {};
  const headers = withKey(options?.headers);
  const selected = documentAST && getOperationAST(documentAST, operation.operationName);
  return selected?.operation === "subscription"
    ? subscribe(operation, headers)
    : post(operation, headers);
}

function subscribe(operation, headers) {
  const url = new URL(window.location.pathname, window.location.href);
  url.protocol = url.protocol.replace("http", "ws");
  return createClient({ url: url.href, connectionParams: headers }).iterate(operation);
}

async function post(operation, headers) {
  const response = await fetch(window.location.pathname, {
    method: "POST",
    headers: {
      Accept: "application/graphql-response+json, application/json;q=0.9",
      "Content-Type": "application/json",
      ...headers,
    },
    body: JSON.stringify(operation),
  });
  return response.json();
}

const explorer = document.getElementById("explorer");
const tabs = JSON.parse(explorer.dataset.queries).map(({ query, variables }) => ({
  query,
  variables,
}));

createRoot(explorer).render(
  <GraphiQL
    fetcher={fetcher}
    defaultTabs={tabs}
    plugins={[HISTORY_PLUGIN]}
    storage={storage}
    schemaDescription
    shouldPersistHeaders={false}
    showPersistHeadersSettings={false}
  >
    <GraphiQL.Logo>
      <KeyField />
      trophycase
    </GraphiQL.Logo>
    <GraphiQL.Footer>
      <Hint />
    </GraphiQL.Footer>
    <OpenVariables />
  </GraphiQL>,
);
