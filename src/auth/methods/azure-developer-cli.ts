import { AzureDeveloperCliCredential } from "@azure/identity";
import { type Credential, type CredentialContext, tokenOptions } from "../credential.ts";
import { locate } from "../programs.ts";
import { nobodySignedIn, TOOL_TIMEOUT_MILLISECONDS, toldByTool } from "./tool.ts";

const AZURE_DEVELOPER_CLI = {
  command: "azd",
  product: "the Azure Developer CLI",
  install: "https://aka.ms/azure-dev",
};

/** Whoever `azd auth login` signed in. */
export function azureDeveloperCli(
  { tenantId }: { tenantId?: string },
  { cloud }: CredentialContext,
): Credential {
  const credential = new AzureDeveloperCliCredential({
    ...(tenantId && { tenantId }),
    processTimeoutInMs: TOOL_TIMEOUT_MILLISECONDS,
  });
  return {
    method: "azure-developer-cli",
    name: "AzureDeveloperCli",
    timeout: TOOL_TIMEOUT_MILLISECONDS,
    async getToken(request) {
      await locate(AZURE_DEVELOPER_CLI, cloud);
      return toldByTool(credential.getToken(request.scope, tokenOptions(request)), {
        login: "azd auth login",
        signedOut: /azd auth login|not logged in/,
        nobody: nobodySignedIn("azd", cloud),
      });
    },
  };
}
