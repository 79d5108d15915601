import { AzureDeveloperCliCredential } from "@azure/identity";
import type { Credential, CredentialContext } from "../credential.ts";
import { toolCredential } from "./tool.ts";

/** The user of `azd auth login`. */
export function azureDeveloperCli(
  options: { tenantId?: string },
  { cloud }: CredentialContext,
): Credential {
  return toolCredential(cloud, options, {
    method: "azure-developer-cli",
    name: "AzureDeveloperCli",
    program: {
      command: "azd",
      product: "the Azure Developer CLI",
      install: "https://aka.ms/azure-dev",
    },
    make: (settings) => new AzureDeveloperCliCredential(settings),
    login: "azd auth login",
    signedOut: /azd auth login|not logged in/,
  });
}
