import { AzureCliCredential } from "@azure/identity";
import { locate } from "../programs.ts";
import { tokenOptions, type Way, type WayContext } from "../way.ts";
import { TOOL_PATIENCE_MILLISECONDS, toldByTool } from "./tool.ts";

const AZURE_CLI = {
  command: "az",
  product: "the Azure CLI",
  install: "https://aka.ms/azure-cli",
};

/** Whoever `az login` signed in. */
export function azureCli({ tenantId }: { tenantId?: string }, { cloud }: WayContext): Way {
  const credential = new AzureCliCredential({
    ...(tenantId && { tenantId }),
    processTimeoutInMs: TOOL_PATIENCE_MILLISECONDS,
  });
  return {
    method: "azure-cli",
    name: "AzureCli",
    patience: TOOL_PATIENCE_MILLISECONDS,
    async getToken(request) {
      await locate(AZURE_CLI, cloud);
      return toldByTool(credential.getToken(request.scope, tokenOptions(request)), {
        login: "az login",
        signedOut: /az login/,
        nobody: "az is installed but nobody is signed in",
      });
    },
  };
}
