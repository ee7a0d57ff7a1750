import { GraphiQL } from "graphiql";
import { useGraphiQLActions } from "@graphiql/react";
import { useState } from "react";

// For this tab alone: it is gone when the tab is closed.
const KEY = "trophycase:key";

// The headers of a request, with the key unless the headers of the query have one of their own.
export function withKey(headers) {
  const key = sessionStorage.getItem(KEY);
  const isGiven = Object.keys(headers ?? {}).some((name) => name.toLowerCase() === "authorization");
  return key && !isGiven ? { ...headers, Authorization: `Bearer ${key}` } : headers;
}

export function KeyField() {
  const [key, setKey] = useState(sessionStorage.getItem(KEY) ?? "");
  const { introspect } = useGraphiQLActions();
  function submit(event) {
    event.preventDefault();
    sessionStorage.setItem(KEY, key.trim());
    introspect();
  }
  return (
    <form className="key-field" onSubmit={submit}>
      <input
        type="password"
        aria-label="API key, kept in this tab"
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

export const Hint = (
  <GraphiQL.Footer>
    <p className="hint">
      Run the query with ▶ or Ctrl+Enter. <code>sources</code> in a query tells the state of each
      source; <code>extensions.upstream</code> in a response, what was called. More queries are in
      the tabs, and every field is in Docs.
    </p>
  </GraphiQL.Footer>
);
