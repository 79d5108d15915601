import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { LakeAccounts } from "../../src/account/lake-accounts.ts";
import { openAccountsIn } from "../../src/account/open-accounts.ts";
import { openSubscriptionIn } from "../../src/account/subscription.ts";
import { collect, startTestCloud, type TestCloud } from "../lake/practice-cloud.ts";

let ada: TestCloud;
let max: TestCloud;

beforeAll(async () => {
  ada = await startTestCloud("ada@contoso.com", { "raw/": "" });
  max = await startTestCloud("max@contoso.com", { "raw/": "" });
  const subscription = openSubscriptionIn(ada.cloud, { credential: ada.user });
  await subscription.createResourceGroup("lakes", { location: "westeurope" });
});
afterAll(() => Promise.all([ada.close(), max.close()]));

describe.each([
  [2, "newlake2", "https://newlake2.dfs.core.windows.net", ["20.0.0.1", "20.0.1.0/24"]],
  [1, "newlake1", "https://newlake1.azuredatalakestore.net", ["20.0.0.1", "20.0.1.0-20.0.1.9"]],
] as const)("accounts of generation %i", (generation, name, endpoint, addresses) => {
  let accounts: LakeAccounts;
  beforeAll(() => {
    const options = { credential: ada.user, resourceGroup: "lakes", generation };
    accounts = openAccountsIn(ada.cloud, options);
  });

  test("one is made, with its progress told", async () => {
    expect(await accounts.checkName(name)).toMatchObject({ available: true });
    const states: string[] = [];
    const made = await accounts.create(name, {
      location: "westeurope",
      tags: { team: "data" },
      onProgress: ({ state }) => states.push(state),
    });
    expect(made).toMatchObject({
      name,
      generation,
      resourceGroup: "lakes",
      location: "westeurope",
      state: "Succeeded",
      tags: { team: "data" },
      firewall: undefined,
    });
    expect(made.endpoint.replace(/:\d+$/, "")).toBe(endpoint);
    expect(states.at(-1)).toBe("Succeeded");
  });

  test("it is found, and its name is taken", async () => {
    expect(await accounts.get(name)).toMatchObject({ name, state: "Succeeded" });
    expect((await collect(accounts.list())).map((account) => account.name)).toEqual([name]);
    const check = await accounts.checkName(name);
    expect(check.available).toBe(false);
    expect(check.reason).toContain(name);
    await expect(accounts.create(name, { location: "westeurope" })).rejects.toMatchObject({
      code: "EXISTS",
    });
  });

  test("its tags and its firewall are changed", async () => {
    const closed = await accounts.update(name, { tags: { team: "ml" }, firewall: addresses });
    expect(closed).toMatchObject({ tags: { team: "ml" } });
    expect([...(closed.firewall ?? [])].sort()).toEqual([...addresses].sort());
    const fewer = await accounts.update(name, { firewall: addresses.slice(0, 1) });
    expect(fewer).toMatchObject({ tags: { team: "ml" }, firewall: addresses.slice(0, 1) });
    expect(await accounts.update(name, { firewall: null })).toMatchObject({ firewall: undefined });
  });

  test("it is deleted, and deleting it again is fine", async () => {
    await accounts.delete(name);
    await expect(accounts.get(name)).rejects.toMatchObject({ code: "NOT_FOUND", status: 404 });
    await accounts.delete(name);
    expect(await collect(accounts.list())).toEqual([]);
  });

  test("a name that cannot be one is refused before anything is sent", async () => {
    await expect(accounts.get("../x")).rejects.toMatchObject({ code: "BAD_NAME" });
    await expect(accounts.create("Big-Lake", { location: "x" })).rejects.toMatchObject({
      code: "BAD_NAME",
    });
  });

  test("a stranger is told which role is missing", async () => {
    const options = { credential: max.user, resourceGroup: "lakes", generation };
    const stranger = openAccountsIn(max.cloud, options);
    await expect(stranger.create("another1", { location: "westeurope" })).rejects.toMatchObject({
      code: "FORBIDDEN",
      status: 403,
    });
  });
});
