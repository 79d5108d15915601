import { ClientCertificateCredential } from "@azure/identity";
import { SignInError } from "../../core/errors.ts";
import {
  type Credential,
  type CredentialContext,
  credentialOptions,
  tokenOptions,
} from "../credential.ts";
import { type CertificateSource, readCertificate } from "./certificate-file.ts";

/** An application signs in with a certificate and its RSA private key. */
export interface CertificateOptions extends CertificateSource {
  /** The application's id. Default: `AZURE_CLIENT_ID`. */
  clientId?: string;
  /** The application's directory. Default: the cloud's, else `AZURE_TENANT_ID`. */
  tenantId?: string;
  /** Send the whole chain, for applications that trust by subject name and issuer. */
  sendChain?: boolean;
}

export function certificate(options: CertificateOptions, context: CredentialContext): Credential {
  const { sendChain = false, path, content } = options;
  const { AZURE_CLIENT_ID, AZURE_TENANT_ID } = process.env;
  const clientId = options.clientId ?? AZURE_CLIENT_ID;
  const tenantId = options.tenantId ?? context.cloud.tenantId ?? AZURE_TENANT_ID;
  if (!clientId || !tenantId || (path === undefined) === (content === undefined)) {
    throw new SignInError(
      "BAD_OPTIONS",
      "signing in with a certificate needs clientId, tenantId and one of path and content",
    );
  }
  const application = { clientId, tenantId };
  let credential: Promise<ClientCertificateCredential> | undefined;
  async function prepare(): Promise<ClientCertificateCredential> {
    const pem = await readCertificate(options);
    return new ClientCertificateCredential(
      application.tenantId,
      application.clientId,
      { certificate: pem },
      { ...credentialOptions(context), sendCertificateChain: sendChain },
    );
  }
  return {
    method: "certificate",
    name: "ClientCertificate",
    timeout: 20_000,
    async getToken(request) {
      if (options.password) request.recording.hide(options.password);
      credential ??= prepare();
      return (await credential).getToken(request.scope, tokenOptions(request));
    },
  };
}
