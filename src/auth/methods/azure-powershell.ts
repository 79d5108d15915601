import { AzurePowerShellCredential } from "@azure/identity";
import { type Credential, type CredentialContext, tokenOptions } from "../credential.ts";
import { locate } from "../programs.ts";
import { nobodySignedIn, TOOL_TIMEOUT_MILLISECONDS, toldByTool } from "./tool.ts";

const POWERSHELL = {
  command: "pwsh",
  product: "PowerShell",
  install: "https://aka.ms/powershell",
};

/** Whoever `Connect-AzAccount` signed in. */
export function azurePowerShell(
  { tenantId }: { tenantId?: string },
  { cloud }: CredentialContext,
): Credential {
  const credential = new AzurePowerShellCredential({
    ...(tenantId && { tenantId }),
    processTimeoutInMs: TOOL_TIMEOUT_MILLISECONDS,
  });
  return {
    method: "azure-powershell",
    name: "AzurePowerShell",
    timeout: TOOL_TIMEOUT_MILLISECONDS,
    async getToken(request) {
      await locate(POWERSHELL, cloud);
      return toldByTool(credential.getToken(request.scope, tokenOptions(request)), {
        login: "Connect-AzAccount",
        signedOut: /Connect-AzAccount/,
        nobody: nobodySignedIn("pwsh", cloud),
      });
    },
  };
}
