import type { CloudName } from "./cloud.ts";

/** Who is signed in, by the token, which is not verified: for display only. */
export interface Account {
  readonly kind: "user" | "service" | "managed-identity";
  /** Display name of the user or application, or the best name there is. */
  readonly name: string;
  /** `ada@contoso.com` for a person, the application id otherwise. */
  readonly username: string;
  readonly tenantId?: string;
  /** Object id in the directory: what role assignments and access control lists name. */
  readonly objectId?: string;
}

/** How a prompt ended. */
export type PromptOutcome =
  | { readonly state: "signed-in"; readonly account: Account }
  | {
      readonly state: "declined" | "expired" | "cancelled" | "no-window" | "failed";
      readonly reason: string;
      /** Another prompt follows. */
      readonly followed?: true;
    };

interface Prompt {
  /** What to do, in plain text. */
  readonly message: string;
  /** Resolves when the person is done; never rejects. */
  readonly outcome: Promise<PromptOutcome>;
}

/** A device code (RFC 8628). */
export interface DeviceCodePrompt extends Prompt {
  readonly kind: "device-code";
  /** Why a code is used instead of another method. */
  readonly reason?: string;
  readonly userCode: string;
  readonly verificationUri: string;
  readonly expiresOn: Date;
}

/** A browser window to sign in. */
export interface BrowserPrompt extends Prompt {
  readonly kind: "browser";
  /** The opened page, if known. */
  readonly url?: string;
}

/** What a person must do to sign in. */
export type SignInPrompt = DeviceCodePrompt | BrowserPrompt;

/** The methods to sign in. */
export type SignInMethod =
  | "environment"
  | "workload-identity"
  | "managed-identity"
  | "vscode"
  | "azure-cli"
  | "azure-powershell"
  | "azure-developer-cli"
  | "broker"
  | "device-code"
  | "browser"
  | "client-secret"
  | "certificate";

/** One credential that was tried. */
export interface SignInAttempt {
  readonly method: SignInMethod;
  /** Name of the credential in the Azure SDK, without "Credential": `AzureCli`. */
  readonly name: string;
  /**
   * `unavailable`: not set up on this machine, so the next one is tried. `failed`: set up, and
   * refused, so no other identity is tried in its place.
   */
  readonly outcome: "signed-in" | "unavailable" | "failed" | "timed-out";
  readonly milliseconds: number;
  /** The code of the error, such as `BAD_SECRET`; absent when it signed in. */
  readonly code?: string;
  /** Why it did not sign in, or replaced another method; without secrets. */
  readonly reason?: string;
  /** Remedy. */
  readonly remedy?: string;
}

/** The attempts of a sign-in, and its result. */
export interface SignInReport {
  readonly cloud: CloudName | "practice";
  readonly attempts: readonly SignInAttempt[];
  readonly milliseconds: number;
  /** Value of `AZURE_TOKEN_CREDENTIALS`, when it shortened the automatic chain. */
  readonly restriction?: string;
  /** Absent when nobody could be signed in. */
  readonly method?: SignInMethod;
  readonly account?: Account;
  readonly expiresOn?: Date;
}
