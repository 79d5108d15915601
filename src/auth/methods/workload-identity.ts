import { readFile } from "node:fs/promises";
import { WorkloadIdentityCredential } from "@azure/identity";
import {
  type Credential,
  type CredentialContext,
  credentialOptions,
  tokenOptions,
} from "../credential.ts";
import { Unavailable } from "../sign-in-failure.ts";

/** Options of exchanging another issuer's token, e.g. of Kubernetes, for one of Azure. */
export interface WorkloadIdentityOptions {
  /** Default: the cloud's, else `AZURE_TENANT_ID`. */
  tenantId?: string;
  /** Default: `AZURE_CLIENT_ID`. */
  clientId?: string;
  /** File that holds the other issuer's token. Default: `AZURE_FEDERATED_TOKEN_FILE`. */
  tokenFile?: string;
}

export function workloadIdentity(
  options: WorkloadIdentityOptions,
  context: CredentialContext,
): Credential {
  let credential: WorkloadIdentityCredential | undefined;
  let file = "";
  function prepare(): WorkloadIdentityCredential {
    const { AZURE_TENANT_ID, AZURE_CLIENT_ID, AZURE_FEDERATED_TOKEN_FILE } = process.env;
    const tenantId = options.tenantId ?? context.cloud.tenantId ?? AZURE_TENANT_ID;
    const clientId = options.clientId ?? AZURE_CLIENT_ID;
    file = options.tokenFile ?? AZURE_FEDERATED_TOKEN_FILE ?? "";
    const missing = [
      ...(file ? [] : ["AZURE_FEDERATED_TOKEN_FILE"]),
      ...(clientId ? [] : ["AZURE_CLIENT_ID"]),
      ...(tenantId ? [] : ["AZURE_TENANT_ID"]),
    ];
    if (!tenantId || !clientId || missing.length > 0) {
      throw new Unavailable(
        `${missing.join(", ")} ${missing.length === 1 ? "is" : "are"} not set`,
        "normal outside of Kubernetes; there, label the pod azure.workload.identity/use",
      );
    }
    return new WorkloadIdentityCredential({
      ...credentialOptions(context),
      tenantId,
      clientId,
      tokenFilePath: file,
    });
  }
  return {
    method: "workload-identity",
    name: "WorkloadIdentity",
    timeout: 20_000,
    async getToken(request) {
      credential ??= prepare();
      // A secret, and the file is replaced from time to time.
      request.recording.hide(await assertionIn(file));
      return credential.getToken(request.scope, tokenOptions(request));
    },
  };
}

async function assertionIn(file: string): Promise<string> {
  try {
    return (await readFile(file, "utf8")).trim();
  } catch (cause) {
    throw new Unavailable(
      `the federated token file ${file} cannot be read (${(cause as NodeJS.ErrnoException).code})`,
      "check AZURE_FEDERATED_TOKEN_FILE and the volume it names",
    );
  }
}
