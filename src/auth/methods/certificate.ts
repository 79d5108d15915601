import { ClientCertificateCredential } from "@azure/identity";
import { SignInError } from "../../core/errors.ts";
import { credentialOptions, tokenOptions, type Way, type WayContext } from "../way.ts";
import { readCertificate } from "./certificate-file.ts";

/** An application signs in with a certificate and its RSA private key. */
export interface CertificateOptions {
  /** The application's id. */
  clientId: string;
  /** The application's directory. Default: the cloud's. */
  tenantId?: string;
  /** PEM or PFX (PKCS #12) file with certificate and private key. */
  path?: string;
  /** The certificate itself: PEM as text, PFX as bytes. */
  content?: string | Uint8Array;
  /** Password of the private key. */
  password?: string;
  /** Send the whole chain, for applications that trust by subject name and issuer. */
  sendChain?: boolean;
}

export function certificate(options: CertificateOptions, context: WayContext): Way {
  const { clientId, sendChain = false } = options;
  const tenantId = options.tenantId ?? context.cloud.tenantId;
  if (!clientId || !tenantId || (options.path === undefined) === (options.content === undefined)) {
    throw new SignInError(
      "BAD_OPTIONS",
      "signing in with a certificate needs clientId, tenantId and one of path and content",
    );
  }
  let credential: Promise<ClientCertificateCredential> | undefined;
  async function prepare(): Promise<ClientCertificateCredential> {
    const pem = await readCertificate(options);
    return new ClientCertificateCredential(
      tenantId ?? "",
      clientId,
      { certificate: pem },
      { ...credentialOptions(context), sendCertificateChain: sendChain },
    );
  }
  return {
    method: "certificate",
    name: "ClientCertificate",
    patience: 20_000,
    async getToken(request) {
      if (options.password) request.recording.hide(options.password);
      credential ??= prepare();
      return (await credential).getToken(request.scope, tokenOptions(request));
    },
  };
}
