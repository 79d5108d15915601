import type { TokenCredential } from "@azure/core-auth";

/** The key of a storage account, in base64: may do everything in it. */
export interface AccountKey {
  readonly accountKey: string;
}

/** A shared access signature: what stands after the question mark of a signed URL. */
export interface SharedAccessSignature {
  readonly sas: string;
}

/** What a lake can be opened with; any TokenCredential will do. */
export type LakeCredential = TokenCredential | AccountKey | SharedAccessSignature;

export function isTokenCredential(credential: LakeCredential): credential is TokenCredential {
  return "getToken" in credential;
}
