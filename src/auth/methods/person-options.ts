/** Options of the interactive methods. */
export interface PersonOptions {
  /** Directory of the person. Default: the cloud's, else any. */
  tenantId?: string;
  /** Application to sign in to. Default: the cloud's, else the Azure SDK's own. */
  clientId?: string;
  /** Keep the sign-in for later processes, in an encrypted file. Default: no. */
  remember?: RememberOption;
}

/**
 * Whether to keep a sign-in; in the user's folders, or in one folder with both the encrypted file
 * and its key.
 */
export type RememberOption = boolean | { folder: string };
