// What GraphiQL keeps in the browser, without request headers: they may hold a credential.
// Its history stores the headers of each query, whatever its setting for persisted headers says.

const PREFIX = "graphiql:";
const HEADERS = `${PREFIX}headers`;
const WITH_HEADERS = new Set(["queries", "favorites", "tabState"].map((name) => PREFIX + name));

function clearHeaders(key, value) {
  if (!WITH_HEADERS.has(key)) {
    return value;
  }
  const replaced = (name, member) => (name === "headers" ? null : member);
  return JSON.stringify(JSON.parse(value), replaced);
}

function ownKeys() {
  return Object.keys(localStorage).filter((key) => key.startsWith(PREFIX));
}

export const storage = {
  getItem: (key) => localStorage.getItem(key),
  removeItem: (key) => localStorage.removeItem(key),
  setItem(key, value) {
    if (key !== HEADERS) {
      localStorage.setItem(key, clearHeaders(key, value));
    }
  },
  get length() {
    return ownKeys().length;
  },
  clear() {
    for (const key of ownKeys()) {
      localStorage.removeItem(key);
    }
  },
};

// A page of an earlier version may have left some.
localStorage.removeItem(HEADERS);
for (const key of ownKeys()) {
  storage.setItem(key, localStorage.getItem(key));
}
