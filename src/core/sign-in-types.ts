import type { CloudName } from "./cloud.ts";

/** Whoever is signed in, as the token itself tells; unverified, and meant for display. */
export interface Account {
  readonly kind: "user" | "service" | "managed-identity";
  /** A person's or application's display name, or the best name there is. */
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
      /** Another prompt takes its place. */
      readonly followed?: true;
    };

interface Prompt {
  /** What to do, as one or more sentences for plain text. */
  readonly message: string;
  /** Settles when nothing is left to do for the person; never rejects. */
  readonly outcome: Promise<PromptOutcome>;
}

/** A code to type on a page of Microsoft Entra ID (RFC 8628). */
export interface DeviceCodePrompt extends Prompt {
  readonly kind: "device-code";
  /** Why a code is asked for, where something else was wanted or tried before. */
  readonly reason?: string;
  readonly userCode: string;
  readonly verificationUri: string;
  readonly expiresOn: Date;
}

/** A browser window that was opened for the person to sign in. */
export interface BrowserPrompt extends Prompt {
  readonly kind: "browser";
  /** The page that was opened, for a browser of this machine; absent where the system does not tell. */
  readonly url?: string;
}

/** Something that a person must do before a sign-in can go on. */
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
  /** `AzureCli`: the credential's name in the Azure SDK, without "Credential". */
  readonly name: string;
  /**
   * `unavailable`: not set up on this machine, so the next one is tried. `failed`: set up, and
   * refused, so no other identity is tried in its place.
   */
  readonly outcome: "signed-in" | "unavailable" | "failed" | "timed-out";
  readonly milliseconds: number;
  /** The code of the error, such as `BAD_SECRET`; absent when it signed in. */
  readonly code?: string;
  /** Why it did not sign in, or took the place of another one, in plain words. Never holds a token or a secret. */
  readonly reason?: string;
  /** What would make it work. */
  readonly remedy?: string;
}

/** What a sign-in tried, and how it ended. */
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
