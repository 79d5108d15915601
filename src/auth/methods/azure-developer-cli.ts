import { AzureDeveloperCliCredential } from "@azure/identity";
import { locate } from "../programs.ts";
import { tokenOptions, type Way, type WayContext } from "../way.ts";
import { TOOL_PATIENCE_MILLISECONDS, toldByTool } from "./tool.ts";

const AZURE_DEVELOPER_CLI = {
  command: "azd",
  product: "the Azure Developer CLI",
  install: "https://aka.ms/azure-dev",
};

/** Whoever `azd auth login` signed in. */
export function azureDeveloperCli({ tenantId }: { tenantId?: string }, { cloud }: WayContext): Way {
  const credential = new AzureDeveloperCliCredential({
    ...(tenantId && { tenantId }),
    processTimeoutInMs: TOOL_PATIENCE_MILLISECONDS,
  });
  return {
    method: "azure-developer-cli",
    name: "AzureDeveloperCli",
    patience: TOOL_PATIENCE_MILLISECONDS,
    async getToken(request) {
      await locate(AZURE_DEVELOPER_CLI, cloud);
      return toldByTool(credential.getToken(request.scope, tokenOptions(request)), {
        login: "azd auth login",
        signedOut: /azd auth login|not logged in/,
        nobody: "azd is installed but nobody is signed in",
      });
    },
  };
}
