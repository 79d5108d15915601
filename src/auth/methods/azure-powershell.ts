import { AzurePowerShellCredential } from "@azure/identity";
import { locate } from "../programs.ts";
import { tokenOptions, type Way, type WayContext } from "../way.ts";
import { TOOL_PATIENCE_MILLISECONDS, toldByTool } from "./tool.ts";

const POWERSHELL = {
  command: "pwsh",
  product: "PowerShell",
  install: "https://aka.ms/powershell",
};

/** Whoever `Connect-AzAccount` signed in. */
export function azurePowerShell({ tenantId }: { tenantId?: string }, { cloud }: WayContext): Way {
  const credential = new AzurePowerShellCredential({
    ...(tenantId && { tenantId }),
    processTimeoutInMs: TOOL_PATIENCE_MILLISECONDS,
  });
  return {
    method: "azure-powershell",
    name: "AzurePowerShell",
    patience: TOOL_PATIENCE_MILLISECONDS,
    async getToken(request) {
      await locate(POWERSHELL, cloud);
      return toldByTool(credential.getToken(request.scope, tokenOptions(request)), {
        login: "Connect-AzAccount",
        signedOut: /Connect-AzAccount/,
        nobody: "pwsh is installed but nobody is signed in",
      });
    },
  };
}
