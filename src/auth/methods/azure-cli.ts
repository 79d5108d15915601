import { AzureCliCredential } from "@azure/identity";
import { type Credential, type CredentialContext, tokenOptions } from "../credential.ts";
import { locate } from "../programs.ts";
import { nobodySignedIn, TOOL_TIMEOUT_MILLISECONDS, toldByTool } from "./tool.ts";

const AZURE_CLI = {
  command: "az",
  product: "the Azure CLI",
  install: "https://aka.ms/azure-cli",
};

/** Whoever `az login` signed in. */
export function azureCli(
  { tenantId }: { tenantId?: string },
  { cloud }: CredentialContext,
): Credential {
  const credential = new AzureCliCredential({
    ...(tenantId && { tenantId }),
    processTimeoutInMs: TOOL_TIMEOUT_MILLISECONDS,
  });
  return {
    method: "azure-cli",
    name: "AzureCli",
    timeout: TOOL_TIMEOUT_MILLISECONDS,
    async getToken(request) {
      await locate(AZURE_CLI, cloud);
      return toldByTool(credential.getToken(request.scope, tokenOptions(request)), {
        login: "az login",
        signedOut: /az login/,
        nobody: nobodySignedIn("az", cloud),
      });
    },
  };
}
