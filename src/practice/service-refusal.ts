import type { Fault } from "./faults/fault.ts";

/** A decision that refused a request; two when either a role or an ACL would allow it. */
export type RefusalReason =
  /** No role of the caller grants it. */
  | {
      readonly by: "role";
      /** The least privileged role that would, such as `Storage Blob Data Reader`. */
      readonly needs: string;
      /** Full id of the resource at which, or above which, the role has to be given. */
      readonly at: string;
      /** Names of the roles that the caller has there. */
      readonly has: readonly string[];
      /** The operation's name in Resource Manager, such as `Microsoft.Storage/storageAccounts/write`. */
      readonly action?: string;
    }
  /** The access list of the path, or of one above it. */
  | {
      readonly by: "acl";
      /** `/FILESYSTEM/DIRECTORY/FILE`. */
      readonly path: string;
      /** The deciding entries, such as `other::---`, before the mask. */
      readonly entry: string;
      /** Their permissions with the mask, such as `r--`. */
      readonly grants: string;
      /** `r-x`. */
      readonly needs: string;
    }
  /** Only the owner may: of the path or, with the sticky bit, of its directory. */
  | {
      readonly by: "owner";
      readonly path: string;
      /** Object id, or `$superuser`. */
      readonly owner: string;
      readonly why: string;
    }
  /** A Shared Key or a shared access signature is invalid, or does not allow it. */
  | {
      readonly by: "signature";
      readonly why: string;
      /** Permissions of which one is needed, and those of the signature. */
      readonly needs?: string;
      readonly has?: string;
    }
  /** A bearer token is invalid or missing. */
  | { readonly by: "token"; readonly why: string }
  /** The account's network rules block the client's address. */
  | { readonly by: "firewall"; readonly rule: string; readonly address: string }
  /** The request is invalid, or not served. */
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
  /** The practice cloud itself failed, as on a full disk. */
  | { readonly by: "failure"; readonly why: string }
  /** A fault was injected. */
  | { readonly by: "fault"; readonly fault: Fault };

/** A refusal, with the code and message of the service. */
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

  /** The decisions behind it; none for an invalid request. */
  get reasons(): readonly RefusalReason[] {
    return this.#reasons;
  }

  /** Adds the decisions behind it. */
  because(...reasons: readonly RefusalReason[]): this {
    this.#reasons = reasons;
    return this;
  }
}
