import { ClientSecretCredential } from "@azure/identity";
import { SignInError } from "../../core/errors.ts";
import {
  type Credential,
  type CredentialContext,
  credentialOptions,
  tokenOptions,
} from "../credential.ts";

/** An application signs in with a password of its own. */
export interface ClientSecretOptions {
  /** The application's id. Default: `AZURE_CLIENT_ID`. */
  clientId?: string;
  /**
   * The secret's value, which is sent to the authority only. Default: `AZURE_CLIENT_SECRET`, to
   * keep it out of notebooks.
   */
  clientSecret?: string;
  /** The application's directory. Default: the cloud's, else `AZURE_TENANT_ID`. */
  tenantId?: string;
}

export function clientSecret(options: ClientSecretOptions, context: CredentialContext): Credential {
  const { AZURE_CLIENT_ID, AZURE_CLIENT_SECRET, AZURE_TENANT_ID } = process.env;
  const clientId = options.clientId ?? AZURE_CLIENT_ID;
  const secret = options.clientSecret ?? AZURE_CLIENT_SECRET;
  const tenantId = options.tenantId ?? context.cloud.tenantId ?? AZURE_TENANT_ID;
  if (!clientId || !secret || !tenantId) {
    const given = { clientId, clientSecret: secret, tenantId };
    const missing = Object.entries(given).flatMap(([name, value]) => (value ? [] : [name]));
    throw new SignInError(
      "BAD_OPTIONS",
      `signing in with a client secret needs ${missing.join(" and ")}`,
      { hint: "Give them, or set AZURE_CLIENT_ID, AZURE_CLIENT_SECRET and AZURE_TENANT_ID." },
    );
  }
  const sdkOptions = credentialOptions(context);
  const credential = new ClientSecretCredential(tenantId, clientId, secret, sdkOptions);
  return {
    method: "client-secret",
    name: "ClientSecret",
    timeout: 20_000,
    getToken(request) {
      request.recording.hide(secret);
      return credential.getToken(request.scope, tokenOptions(request));
    },
  };
}
