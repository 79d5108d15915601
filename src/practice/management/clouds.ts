import { MANAGEMENT } from "../directory/oauth-resources.ts";
import { type Exchange, sendJson } from "../exchange.ts";

const PATH = /^\/+metadata\/endpoints\/?$/i;

/** Whether a request is for the cloud metadata, which tools read before a sign-in. */
export function isAboutClouds({ request, url }: Exchange): boolean {
  return request.method === "GET" && PATH.test(url.pathname);
}

/** Cloud metadata for `az cloud register`: Azure's addresses on its hosts, own ones on loopback. */
export function listClouds({ response, url, notes }: Exchange): void {
  notes.operation = "metadata/endpoints";
  notes.proof = "none";
  const isLoopback = ["127.0.0.1", "localhost"].includes(url.hostname);
  const login = isLoopback ? url.origin : "https://login.microsoftonline.com";
  const manager = isLoopback ? url.origin : "https://management.azure.com";
  const audiences = MANAGEMENT.uris.slice(0, 2).reverse();
  // The first versions have one cloud and fewer fields.
  if (/^(1\.0|201[5-8])/.test(url.searchParams.get("api-version") ?? "1.0")) {
    sendJson(response, 200, {
      galleryEndpoint: manager,
      graphEndpoint: "https://graph.windows.net/",
      portalEndpoint: "https://portal.azure.com",
      authentication: { loginEndpoint: `${login}/`, audiences },
    });
    return;
  }
  sendJson(response, 200, [
    {
      name: "AzureCloud",
      portal: "https://portal.azure.com",
      authentication: {
        loginEndpoint: login,
        audiences,
        tenant: "common",
        identityProvider: "AAD",
      },
      resourceManager: manager,
      graph: "https://graph.windows.net/",
      graphAudience: "https://graph.windows.net/",
      microsoftGraphResourceId: "https://graph.microsoft.com/",
      gallery: manager,
      suffixes: {
        storage: "core.windows.net",
        azureDataLakeStoreFileSystem: "azuredatalakestore.net",
        keyVaultDns: "vault.azure.net",
      },
    },
  ]);
}
