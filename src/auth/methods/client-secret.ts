import { ClientSecretCredential } from "@azure/identity";
import { SignInError } from "../../core/errors.ts";
import { credentialOptions, tokenOptions, type Way, type WayContext } from "../way.ts";

/** An application signs in with a password of its own. */
export interface ClientSecretOptions {
  /** The application's id. */
  clientId: string;
  /** The secret's value. It is sent to the authority and nowhere else. */
  clientSecret: string;
  /** The application's directory. Default: the cloud's. */
  tenantId?: string;
}

export function clientSecret(options: ClientSecretOptions, context: WayContext): Way {
  const { clientId, clientSecret: secret } = options;
  const tenantId = options.tenantId ?? context.cloud.tenantId;
  for (const [name, value] of Object.entries({ clientId, clientSecret: secret, tenantId })) {
    if (!value) throw missing(name);
  }
  const credential = new ClientSecretCredential(
    tenantId ?? "",
    clientId,
    secret,
    credentialOptions(context),
  );
  return {
    method: "client-secret",
    name: "ClientSecret",
    patience: 20_000,
    getToken(request) {
      request.recording.hide(secret);
      return credential.getToken(request.scope, tokenOptions(request));
    },
  };
}

function missing(name: string): SignInError {
  return new SignInError("BAD_OPTIONS", `signing in with a client secret needs ${name}`, {
    hint: "Environment variables are read by the method environment.",
  });
}
