import { SignInError } from "../../core/errors.ts";
import type { Credential, CredentialContext } from "../credential.ts";
import { Unavailable } from "../sign-in-failure.ts";
import { certificate } from "./certificate.ts";
import { clientSecret } from "./client-secret.ts";

/**
 * The application of the environment: `AZURE_TENANT_ID`, `AZURE_CLIENT_ID`, and either
 * `AZURE_CLIENT_SECRET` or `AZURE_CLIENT_CERTIFICATE_PATH` (`…_PASSWORD` for its key). The
 * variables are the Azure SDK's, read at each token request.
 */
export function environment(context: CredentialContext): Credential {
  let chosen: Credential | undefined;
  return {
    method: "environment",
    name: "Environment",
    decisive: true,
    timeout: 20_000,
    async getToken(request) {
      chosen ??= fromEnvironment(context);
      return chosen.getToken(request);
    },
  };
}

function fromEnvironment(context: CredentialContext): Credential {
  const {
    AZURE_TENANT_ID: tenantId,
    AZURE_CLIENT_ID: clientId,
    AZURE_CLIENT_SECRET: secret,
    AZURE_CLIENT_CERTIFICATE_PATH: path,
    AZURE_CLIENT_CERTIFICATE_PASSWORD: password,
    AZURE_CLIENT_SEND_CERTIFICATE_CHAIN: chain = "",
  } = process.env;
  const missing = [
    ...(tenantId ? [] : ["AZURE_TENANT_ID"]),
    ...(clientId ? [] : ["AZURE_CLIENT_ID"]),
    ...(secret || path ? [] : ["AZURE_CLIENT_SECRET"]),
  ];
  if (!tenantId || !clientId || missing.length > 0) {
    throw new Unavailable(
      `${missing.join(", ")} ${missing.length === 1 ? "is" : "are"} not set`,
      "set them before the kernel starts",
    );
  }
  if (secret) return clientSecret({ tenantId, clientId, clientSecret: secret }, context);
  if (!path) throw new SignInError("BAD_OPTIONS", "the environment names no certificate");
  return certificate(
    {
      tenantId,
      clientId,
      path,
      ...(password !== undefined && { password }),
      sendChain: /^(1|true)$/i.test(chain),
    },
    context,
  );
}
