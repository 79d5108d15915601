import { ResourceManagementClient } from "@azure/arm-resources";
import { ClientSecretCredential, type TokenCredential } from "@azure/identity";
import { type Reply, request, serveWithFolder, userToken } from "./served-cloud.ts";

const SCOPE = "https://management.azure.com/.default";

/** A practice cloud, and its Resource Manager through the stock client and without it. */
export async function serveManagement() {
  const served = await serveWithFolder();
  const { origin: endpoint, subscriptionId, ca, tenantId, service } = served;
  const { clientId, clientSecret } = service;
  const options = { endpoint, tlsOptions: { ca }, retryOptions: { maxRetries: 0 } };
  const byService = new ClientSecretCredential(
    tenantId,
    clientId,
    clientSecret,
    served.credentialOptions,
  );
  const client = (credential: TokenCredential) =>
    new ResourceManagementClient(credential, subscriptionId, options);

  async function credentialOf(user: string): Promise<TokenCredential> {
    const token = await userToken(served, user, SCOPE);
    return { getToken: async () => ({ token, expiresOnTimestamp: Date.now() + 3_600_000 }) };
  }

  return {
    ...served,
    /** The subscription's scope. */
    scope: `/subscriptions/${subscriptionId}`,
    options,
    byService,
    credentialOf,
    asService: () => client(byService),
    as: async (user: string) => client(await credentialOf(user)),
    /** Any request of a user's. */
    call: async (user: string, method: string, path: string, body?: unknown): Promise<Reply> => {
      const token = await userToken(served, user, SCOPE);
      const join = path.includes("?") ? "&" : "?";
      return request(served.cloud, `${endpoint}${path}${join}api-version=2022-04-01`, {
        method,
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
    },
  };
}

export type ServedManagement = Awaited<ReturnType<typeof serveManagement>>;
