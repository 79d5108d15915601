import type { Fault } from "./faults/fault.ts";

/**
 * A decision that refused a request, written down where it was taken. A request has two of them
 * when either would have let it through: a role or an access list.
 */
export type RefusalReason =
  /** No role of the caller grants it. */
  | {
      readonly by: "role";
      /** The least role that would, such as `Storage Blob Data Reader`. */
      readonly needs: string;
      /** Full id of the resource at which, or above which, the role has to be given. */
      readonly at: string;
      /** Names of the roles that the caller has there. */
      readonly has: readonly string[];
      /** The operation's name in Resource Manager, such as `Microsoft.Storage/storageAccounts/write`. */
      readonly action?: string;
    }
  /** The access list of a path on the way, or at its end, does not. */
  | {
      readonly by: "acl";
      /** `/FILESYSTEM/DIRECTORY/FILE`. */
      readonly path: string;
      /** The entries that decided, such as `other::---`; as they stand in the list, unmasked. */
      readonly entry: string;
      /** What they leave when the mask is taken off, such as `r--`. */
      readonly grants: string;
      /** `r-x`. */
      readonly needs: string;
    }
  /** Only the owner may: of the path, or under the sticky bit of its directory too. */
  | {
      readonly by: "owner";
      readonly path: string;
      /** Object id, or `$superuser`. */
      readonly owner: string;
      readonly why: string;
    }
  /** A Shared Key or a shared access signature does not hold, or does not cover it. */
  | {
      readonly by: "signature";
      readonly why: string;
      /** Letters of which one is needed, and those the signature has. */
      readonly needs?: string;
      readonly has?: string;
    }
  /** A bearer token does not hold, or is not there. */
  | { readonly by: "token"; readonly why: string }
  /** The account's network rules keep the client's address out. */
  | { readonly by: "firewall"; readonly rule: string; readonly address: string }
  /** Something in the request is wrong, or is not served. */
  | {
      readonly by: "request";
      readonly part: "header" | "query";
      /** Name of the header or query parameter. */
      readonly name: string;
      readonly why?: string;
    }
  /** The authority refuses a sign-in. */
  | {
      readonly by: "sign-in";
      /** The number after `AADSTS`. */
      readonly number: number;
      readonly why: string;
    }
  /** Something went wrong in the practice cloud itself, such as a disk that is full. */
  | { readonly by: "failure"; readonly why: string }
  /** The practice cloud was told to fail. */
  | { readonly by: "fault"; readonly fault: Fault };

/** Why a request was refused, in the words and codes of the service that is played. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly status: number;
  readonly code: string;
  /** Extra response headers, such as `WWW-Authenticate`. */
  readonly headers: Readonly<Record<string, string>>;
  #reasons: readonly RefusalReason[] = [];

  constructor(
    status: number,
    code: string,
    message: string,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }

  /** The decisions behind it; none when the request itself is at fault. */
  get reasons(): readonly RefusalReason[] {
    return this.#reasons;
  }

  /** Says which decisions are behind it. */
  because(...reasons: readonly RefusalReason[]): this {
    this.#reasons = reasons;
    return this;
  }
}
