import { AzureCliCredential } from "@azure/identity";
import type { Credential, CredentialContext } from "../credential.ts";
import { toolCredential } from "./tool.ts";

/** The user of `az login`. */
export function azureCli(options: { tenantId?: string }, { cloud }: CredentialContext): Credential {
  return toolCredential(cloud, options, {
    method: "azure-cli",
    name: "AzureCli",
    program: { command: "az", product: "the Azure CLI", install: "https://aka.ms/azure-cli" },
    make: (settings) => new AzureCliCredential(settings),
    login: "az login",
    signedOut: /az login/,
  });
}
