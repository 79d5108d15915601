import { afterAll, beforeAll, expect, test } from "vitest";
import { openSubscriptionIn, type Subscription } from "../../src/account/subscription.ts";
import { signInTo } from "../../src/auth/sign-in-to.ts";
import { startTestCloud, type TestCloud } from "../lake/practice-cloud.ts";

// Mary has no role of her own, only those of a group of hers.
const MARY = "3a2f0000-5d3a-4f0e-8a51-0d9a1b2c3d04";

let cloud: TestCloud;
let subscription: Subscription;

beforeAll(async () => {
  cloud = await startTestCloud("ada@contoso.com", { "raw/a.csv": "a\n" });
  subscription = openSubscriptionIn(cloud.cloud, { credential: cloud.user });
  await subscription.createResourceGroup("lakes", { location: "westeurope" });
});
afterAll(() => cloud.close());

/** Names of the roles that somebody is assigned at a scope, as Resource Manager lists them. */
async function assigned(scope: string): Promise<string[]> {
  const { token } = (await cloud.user.getToken(cloud.cloud.scopes.management)) ?? { token: "" };
  const ask = async (path: string) => {
    const { request } = await import("node:https");
    const { ca } = cloud.practice.description;
    const headers = { authorization: `Bearer ${token}` };
    return new Promise<{ value: { properties: Record<string, string> }[] }>((resolve, reject) => {
      request(`${cloud.cloud.management}${path}`, { ca, headers }, async (reply) => {
        resolve(JSON.parse(Buffer.concat(await reply.toArray()).toString()));
      })
        .on("error", reject)
        .end();
    });
  };
  const query = `api-version=2022-04-01&$filter=principalId%20eq%20'${MARY}'`;
  const path = `${scope}/providers/Microsoft.Authorization/roleAssignments?${query}`;
  return (await ask(path)).value.map(({ properties }) => String(properties.scope));
}

test("a role that was given is taken back, at its scope and no other", async () => {
  const whole = `/subscriptions/${subscription.id}`;
  const group = `${whole}/resourceGroups/lakes`;
  await subscription.grantRole({ role: "Reader", principalId: MARY });
  await subscription.grantRole({ role: "Reader", principalId: MARY, scope: group });
  await subscription.grantRole({ role: "Contributor", principalId: MARY, scope: group });
  expect((await assigned(whole)).sort()).toEqual([whole, group, group]);

  // Capitals mean nothing in Azure's ids.
  const shouted = { principalId: MARY.toUpperCase(), scope: group.replace("lakes", "LAKES") };
  await subscription.revokeRole({ role: "Reader", ...shouted });
  expect((await assigned(whole)).sort()).toEqual([whole, group]);
  await subscription.revokeRole({ role: "Reader", principalId: MARY });
  expect(await assigned(whole)).toEqual([group]);
  await subscription.revokeRole({ role: "Contributor", principalId: MARY, scope: group });
  expect(await assigned(whole)).toEqual([]);
});

test("a role that nobody has is taken back without a word, and one that is none is named", async () => {
  await subscription.revokeRole({ role: "Reader", principalId: MARY });
  await expect(
    subscription.revokeRole({ role: "Raeder", principalId: MARY }),
  ).rejects.toMatchObject({ code: "UNKNOWN_ROLE" });
});

test("a contributor who gives a role is told which roles may", async () => {
  const { clientId, clientSecret } = cloud.practice.description.service;
  const secret = { method: "client-secret", clientId, clientSecret } as const;
  const credential = await signInTo(cloud.cloud, secret);
  const principalId = credential.account.objectId ?? "";
  await subscription.grantRole({ role: "Contributor", principalId });
  const asContributor = openSubscriptionIn(cloud.cloud, { credential });
  await expect(
    asContributor.grantRole({ role: "Reader", principalId: MARY }),
  ).rejects.toMatchObject({
    code: "FORBIDDEN",
    message: expect.stringContaining('needs "Owner" or "User Access Administrator"'),
  });
});

test("a refusal has the command that fixes it, in lines that nothing breaks", async () => {
  const { clientId, clientSecret } = cloud.practice.description.service;
  const secret = { method: "client-secret", clientId, clientSecret } as const;
  const credential = await signInTo(cloud.cloud, secret);
  const principalId = credential.account.objectId ?? "";
  await subscription.revokeRole({ role: "Contributor", principalId });
  const asNobody = openSubscriptionIn(cloud.cloud, { credential });
  const commandOf = async (refused: Promise<unknown>) => {
    const { message } = await refused.then(
      () => new Error("nothing was refused"),
      (error: Error) => error,
    );
    const lines = message.split("\n");
    const start = lines.findIndex((line) => line.includes("az role assignment create"));
    const command = lines.slice(
      start,
      lines.findIndex((line) => line.includes("A new role")),
    );
    for (const line of command) expect(line.length).toBeLessThan(76);
    return command.map((line) => line.trim().replace(/\\$/, "")).join("");
  };
  const id = cloud.practice.description.subscriptionId;
  const start = (role: string) =>
    `az role assignment create --role "${role}" --assignee-object-id ${principalId} `;
  const make = asNobody.createResourceGroup("demo", { location: "westeurope" });
  expect(await commandOf(make)).toBe(`${start("Contributor")}--scope /subscriptions/${id}`);
  expect(await commandOf(asNobody.deleteResourceGroup("notelake-practice"))).toBe(
    `${start("Contributor")}--scope "$(az group show --name notelake-practice ` +
      `--subscription ${id} --query id --output tsv)"`,
  );
});
