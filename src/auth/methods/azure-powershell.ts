import { AzurePowerShellCredential } from "@azure/identity";
import type { Credential, CredentialContext } from "../credential.ts";
import { toolCredential } from "./tool.ts";

/** The user of `Connect-AzAccount`. */
export function azurePowerShell(
  options: { tenantId?: string },
  { cloud }: CredentialContext,
): Credential {
  return toolCredential(cloud, options, {
    method: "azure-powershell",
    name: "AzurePowerShell",
    program: { command: "pwsh", product: "PowerShell", install: "https://aka.ms/powershell" },
    make: (settings) => new AzurePowerShellCredential(settings),
    login: "Connect-AzAccount",
    signedOut: /Connect-AzAccount/,
  });
}
