// The possible types of each interface, for a client's cache.
const QUERY = "{ __schema { types { kind name possibleTypes { name } } } }";

export default async function possible(url) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query: QUERY }),
  });
  const { data } = await response.json();
  const abstract = data.__schema.types.filter(({ possibleTypes }) => possibleTypes);
  return Object.fromEntries(abstract.map(({ name, possibleTypes }) => [name, possibleTypes.map((each) => each.name)]));
}
