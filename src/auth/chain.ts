import { SignInError } from "../core/errors.ts";
import type { Credential, CredentialContext } from "./credential.ts";
import { azureCli } from "./methods/azure-cli.ts";
import { azureDeveloperCli } from "./methods/azure-developer-cli.ts";
import { azurePowerShell } from "./methods/azure-powershell.ts";
import { broker } from "./methods/broker.ts";
import { deviceCode } from "./methods/device-code.ts";
import { environment } from "./methods/environment.ts";
import { managedIdentity } from "./methods/managed-identity.ts";
import type { RememberOption } from "./methods/person-options.ts";
import { vscode } from "./methods/vscode.ts";
import { workloadIdentity } from "./methods/workload-identity.ts";

/** How the chain of credentials is gone through. */
export interface AutomaticOptions {
  /** Directory, for credentials that have the option. */
  tenantId?: string;
  /** Client id of the user-assigned managed identity to use. */
  managedIdentityClientId?: string;
  /** Sign in with a device code when all other credentials fail. Default: no. */
  orDeviceCode?: boolean;
  /** Keep that person's sign-in for later processes, in an encrypted file. Default: no. */
  remember?: RememberOption;
}

type Make = (options: AutomaticOptions, context: CredentialContext) => Credential;

/** Credentials of a deployed service, then of a developer's machine, in DefaultAzureCredential's order. */
const DEPLOYED: readonly Make[] = [
  (_options, context) => environment(context),
  workloadIdentity,
  ({ managedIdentityClientId: id }, context) => {
    const clientId = id ?? process.env.AZURE_CLIENT_ID;
    return managedIdentity(clientId ? { clientId } : {}, context);
  },
];
const DEVELOPER: readonly Make[] = [vscode, azureCli, azurePowerShell, azureDeveloperCli, broker];

/** Values of `AZURE_TOKEN_CREDENTIALS`, in lower case; the broker has none. */
const RESTRICTIONS: Readonly<Record<string, readonly Make[]>> = {
  prod: DEPLOYED,
  dev: DEVELOPER,
  environmentcredential: DEPLOYED.slice(0, 1),
  workloadidentitycredential: DEPLOYED.slice(1, 2),
  managedidentitycredential: DEPLOYED.slice(2),
  visualstudiocodecredential: DEVELOPER.slice(0, 1),
  azureclicredential: DEVELOPER.slice(1, 2),
  azurepowershellcredential: DEVELOPER.slice(2, 3),
  azuredeveloperclicredential: DEVELOPER.slice(3, 4),
};

/**
 * The credentials of the automatic chain, in order, and the variable that shortened it.
 *
 * @throws SignInError `BAD_OPTIONS` when `AZURE_TOKEN_CREDENTIALS` has an unknown value
 */
export function automaticCredentials(
  options: AutomaticOptions,
  context: CredentialContext,
): { credentials: readonly Credential[]; restriction?: string } {
  const restriction = process.env.AZURE_TOKEN_CREDENTIALS?.trim();
  const makes = restriction ? RESTRICTIONS[restriction.toLowerCase()] : [...DEPLOYED, ...DEVELOPER];
  if (!makes) {
    throw new SignInError("BAD_OPTIONS", `AZURE_TOKEN_CREDENTIALS is ${restriction}`, {
      hint: `Unset it, or set it to one of ${Object.keys(RESTRICTIONS).join(", ")}.`,
    });
  }
  const credentials = makes.map((make) => make(options, context));
  if (options.orDeviceCode) credentials.push(deviceCode(options, context));
  return { credentials, ...(restriction && { restriction }) };
}
