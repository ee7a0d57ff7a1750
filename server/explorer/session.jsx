import { useGraphiQL, useGraphiQLActions } from "@graphiql/react";
import { useEffect, useState } from "react";

// For this tab alone: it is gone when the tab is closed.
const KEY = "trophycase:key";

// The headers of a request, with the key unless the headers of the query have one of their own.
export function withKey(headers) {
  const key = sessionStorage.getItem(KEY);
  const isGiven = Object.keys(headers ?? {}).some((name) => name.toLowerCase() === "authorization");
  return key && !isGiven ? { ...headers, Authorization: `Bearer ${key}` } : headers;
}

function storeKey(key) {
  if (key) {
    sessionStorage.setItem(KEY, key);
  } else {
    sessionStorage.removeItem(KEY);
  }
}

export function KeyField() {
  const [key, setKey] = useState(sessionStorage.getItem(KEY) ?? "");
  const hasFailed = useGraphiQL(hasNoSchema);
  const { introspect } = useGraphiQLActions();
  function submit(event) {
    event.preventDefault();
    storeKey(key.trim());
    introspect();
  }
  return (
    <form className="key-field" onSubmit={submit}>
      <input
        type="password"
        aria-label="API key, kept in this tab"
        aria-invalid={hasFailed}
        placeholder="API key"
        title="Only needed where the server has API keys. Kept until this tab is closed."
        autoComplete="off"
        value={key}
        onChange={(event) => setKey(event.target.value)}
      />
      <button type="submit">Use</button>
    </form>
  );
}

export function Hint() {
  if (useGraphiQL(hasNoSchema)) {
    return (
      <p className="hint" role="status">
        The schema could not be loaded. If this server requires an API key, enter it above. It may
        also have introspection switched off.
      </p>
    );
  }
  return (
    <p className="hint">
      Run the query with ▶ or Ctrl+Enter. <code>sources</code> in a query tells the state of each
      source; <code>extensions.upstream</code> in a response, what was called.{" "}
      <span>More queries are in the tabs, and every field is in Docs.</span>
    </p>
  );
}

// A phone has no room for the variables beside the query and its response.
const narrow = matchMedia("(max-width: 800px)");

// Shows the variables of a query that has some. GraphiQL opens that pane by a click alone.
export function OpenVariables() {
  const activeTab = useGraphiQL(getActiveTab);
  const hasVariables = Boolean(activeTab.variables);
  useEffect(() => {
    if (hasVariables && !narrow.matches) {
      document.querySelector('[data-name="variables"]:not(.active)')?.click();
    }
  }, [activeTab.id, hasVariables]);
  return null;
}

function hasNoSchema({ fetchError }) {
  return Boolean(fetchError);
}

function getActiveTab({ tabs, activeTabIndex }) {
  return tabs[activeTabIndex];
}
