import { SignInError } from "../core/errors.ts";
import type { SignInMethod, SignInPrompt } from "../core/sign-in-types.ts";
import { type AutomaticOptions, automaticCredentials } from "./chain.ts";
import type { Credential, CredentialContext } from "./credential.ts";
import { azureCli } from "./methods/azure-cli.ts";
import { azureDeveloperCli } from "./methods/azure-developer-cli.ts";
import { azurePowerShell } from "./methods/azure-powershell.ts";
import { broker } from "./methods/broker.ts";
import { type BrowserOptions, browser } from "./methods/browser.ts";
import { type CertificateOptions, certificate } from "./methods/certificate.ts";
import { type ClientSecretOptions, clientSecret } from "./methods/client-secret.ts";
import { deviceCode } from "./methods/device-code.ts";
import { environment } from "./methods/environment.ts";
import { type ManagedIdentityOptions, managedIdentity } from "./methods/managed-identity.ts";
import type { PersonOptions } from "./methods/person-options.ts";
import { vscode } from "./methods/vscode.ts";
import { type WorkloadIdentityOptions, workloadIdentity } from "./methods/workload-identity.ts";
import type { ServiceName } from "./sign-in-session.ts";

/** Options that every method takes. */
export interface CommonOptions {
  /**
   * Service or scope of the first token, such as `https://storage.azure.com/.default`. Default:
   * `storage`. The session has tokens for all services.
   */
  scope?: ServiceName | (string & {});
  /** Time limit of each credential, in milliseconds. Default: 1 s to 30 s, by credential. */
  timeout?: number;
  /** Cancels the sign-in. */
  signal?: AbortSignal | undefined;
  /** Called with what a person must do. Default: prints it. */
  onPrompt?: (prompt: SignInPrompt) => void;
}

/** Options of credentials that are set up outside of this process. */
export interface TenantOptions {
  /** Directory. Default: the one that the tool is signed in to. */
  tenantId?: string;
}

/** How to sign in; the default is the automatic chain. */
export type SignInOptions = CommonOptions &
  (
    | ({ method?: "auto" } & AutomaticOptions)
    | ({ method: "device-code" } & PersonOptions)
    | ({ method: "browser" } & BrowserOptions)
    | ({ method: "client-secret" } & ClientSecretOptions)
    | ({ method: "certificate" } & CertificateOptions)
    | ({ method: "managed-identity" } & ManagedIdentityOptions)
    | ({ method: "workload-identity" } & WorkloadIdentityOptions)
    | { method: "environment" }
    | ({ method: "azure-cli" | "azure-developer-cli" | "azure-powershell" } & TenantOptions)
    | ({ method: "vscode" | "broker" } & TenantOptions)
  );

/** The credentials to try for `options`, in order. */
export function credentialsOf(
  options: SignInOptions,
  context: CredentialContext,
): { credentials: readonly Credential[]; restriction?: string } {
  switch (options.method) {
    case undefined:
    case "auto":
      return automaticCredentials(options, context);
    case "device-code":
      return { credentials: [deviceCode(options, context)] };
    case "browser":
      return { credentials: [browser(options, context)] };
    case "client-secret":
      return { credentials: [clientSecret(options, context)] };
    case "certificate":
      return { credentials: [certificate(options, context)] };
    case "managed-identity":
      return { credentials: [managedIdentity(options, context)] };
    case "workload-identity":
      return { credentials: [workloadIdentity(options, context)] };
    case "environment":
      return { credentials: [environment(context)] };
    case "azure-cli":
      return { credentials: [azureCli(options, context)] };
    case "azure-developer-cli":
      return { credentials: [azureDeveloperCli(options, context)] };
    case "azure-powershell":
      return { credentials: [azurePowerShell(options, context)] };
    case "vscode":
      return { credentials: [vscode(options, context)] };
    case "broker":
      return { credentials: [broker(options, context)] };
    default:
      return unknownMethod(options);
  }
}

const METHODS: readonly ("auto" | SignInMethod)[] = [
  "auto",
  "device-code",
  "browser",
  "client-secret",
  "certificate",
  "managed-identity",
  "workload-identity",
  "environment",
  "azure-cli",
  "azure-developer-cli",
  "azure-powershell",
  "vscode",
  "broker",
];

// Cells need not be type-checked: a misspelled method gets here.
function unknownMethod({ method }: { method?: unknown }): never {
  throw new SignInError("BAD_OPTIONS", `there is no sign-in method ${JSON.stringify(method)}`, {
    hint: `Use one of ${METHODS.join(", ")}.`,
  });
}
