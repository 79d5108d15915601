import { StorageManagementClient } from "@azure/arm-storage";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ServedManagement, serveManagement } from "./management-client.ts";

const GROUP = "notelake-practice";

describe("the blob service of an account, for the stock client", () => {
  let arm: ServedManagement;
  beforeAll(async () => {
    arm = await serveManagement();
  });
  afterAll(() => arm.close());

  const client = async (user: string) => {
    const { credentialOf, subscriptionId, options } = arm;
    return new StorageManagementClient(await credentialOf(user), subscriptionId, options);
  };

  it("keeps soft delete and rules for other origins, each until it is changed", async () => {
    const { blobServices } = await client("ada@contoso.com");
    expect(await blobServices.getServiceProperties(GROUP, arm.account)).toMatchObject({
      name: "default",
      deleteRetentionPolicy: { enabled: false },
      containerDeleteRetentionPolicy: { enabled: false },
      cors: { corsRules: [] },
    });
    const rule = {
      allowedOrigins: ["https://app.contoso.com"],
      allowedMethods: ["GET"],
      allowedHeaders: ["*"],
      exposedHeaders: ["ETag"],
      maxAgeInSeconds: 60,
    };
    await blobServices.setServiceProperties(GROUP, arm.account, {
      containerDeleteRetentionPolicy: { enabled: true, days: 7 },
      cors: { corsRules: [rule] },
    });
    await blobServices.setServiceProperties(GROUP, arm.account, {
      deleteRetentionPolicy: { enabled: true, days: 3 },
    });
    expect(await blobServices.getServiceProperties(GROUP, arm.account)).toMatchObject({
      deleteRetentionPolicy: { enabled: true, days: 3 },
      containerDeleteRetentionPolicy: { enabled: true, days: 7 },
      cors: { corsRules: [rule] },
    });
    await blobServices.setServiceProperties(GROUP, arm.account, {
      deleteRetentionPolicy: { enabled: false },
      containerDeleteRetentionPolicy: { enabled: false },
      cors: { corsRules: [] },
    });
    const services = [];
    for await (const one of blobServices.list(GROUP, arm.account)) services.push(one);
    expect(services).toHaveLength(1);
    expect(services[0]).toMatchObject({
      deleteRetentionPolicy: { enabled: false },
      containerDeleteRetentionPolicy: { enabled: false },
      cors: { corsRules: [] },
    });
  });

  it("refuses what Azure would not take, and whoever may not", async () => {
    const { blobServices } = await client("ada@contoso.com");
    const set = (properties: object) =>
      blobServices.setServiceProperties(GROUP, arm.account, properties);
    const wrong = { statusCode: 400, code: "InvalidRequestPropertyValue" };
    await expect(
      set({ containerDeleteRetentionPolicy: { enabled: true, days: 400 } }),
    ).rejects.toMatchObject(wrong);
    await expect(set({ isVersioningEnabled: true })).rejects.toMatchObject(wrong);
    const bob = await client("grace@contoso.com");
    await expect(
      bob.blobServices.setServiceProperties(GROUP, arm.account, {}),
    ).rejects.toMatchObject({ statusCode: 403 });
  });
});
