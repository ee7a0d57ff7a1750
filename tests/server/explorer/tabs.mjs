// Shows a tab of GraphiQL, which reads its operation some time after that.
export async function showTab(page, name) {
  await page.locator(".graphiql-tab-button").getByText(name, { exact: true }).click();
  await page.waitForFunction((expected) => {
    const { tabs, activeTabIndex } = JSON.parse(localStorage.getItem("graphiql:tabState") ?? "{}");
    return tabs?.[activeTabIndex].operationName === expected;
  }, name);
}
