/** Codes of what keeps somebody from signing in. */
export interface SignInErrorCodes {
  /**
   * The user is disabled, or locked after too many wrong passwords.
   *
   * What to do: ask an administrator of the directory.
   */
  ACCOUNT_BLOCKED: "SignInError";
  /**
   * Microsoft Entra ID answered with an error of its own (500 and above).
   *
   * What to do: try again; https://azure.status.microsoft tells of outages.
   */
  AUTHORITY_FAILED: "SignInError";
  /**
   * The app registration does not allow this way to sign in: no public client flows, no such
   * redirect address, or another directory only.
   *
   * What to do: have it changed as the hint says.
   */
  BAD_APPLICATION: "SignInError";
  /**
   * No federated credential of the application matches the token, or its time has passed.
   *
   * What to do: compare issuer, subject and audience with those in the Entra admin center.
   */
  BAD_ASSERTION: "SignInError";
  /**
   * The certificate cannot be read, or the application does not know it.
   *
   * What to do: check file and password, and upload its public part to the application.
   */
  BAD_CERTIFICATE: "SignInError";
  /**
   * The host describes itself as another authority than the one that was asked.
   *
   * What to do: check its address; something between may answer in its place.
   */
  BAD_ISSUER: "SignInError";
  /**
   * User name or password is wrong, or the password has expired.
   *
   * What to do: check both.
   */
  BAD_PASSWORD: "SignInError";
  /**
   * The service has no such scope.
   *
   * What to do: ask for `RESOURCE/.default`, such as `https://storage.azure.com/.default`.
   */
  BAD_SCOPE: "SignInError";
  /**
   * The client secret is wrong.
   *
   * What to do: use its value, not its id.
   */
  BAD_SECRET: "SignInError";
  /**
   * A Conditional Access policy of the directory forbids this sign-in.
   *
   * What to do: ask its administrator which, or use a managed device.
   */
  BLOCKED_BY_POLICY: "SignInError";
  /**
   * The sign-in was cancelled: the cell was interrupted, or its `signal` aborted.
   *
   * What to do: run it again.
   */
  CANCELLED: "SignInError";
  /**
   * The device code was not used in time, or is not valid.
   *
   * What to do: run the sign-in again for a new code.
   */
  CODE_EXPIRED: "SignInError";
  /**
   * Nobody has consented to what the application asks for.
   *
   * What to do: ask an administrator to grant consent.
   */
  CONSENT_REQUIRED: "SignInError";
  /**
   * Somebody said no on the sign-in page.
   *
   * What to do: run the sign-in again and accept.
   */
  DECLINED: "SignInError";
  /**
   * The certificate is past its date, or not valid yet.
   *
   * What to do: use another one.
   */
  EXPIRED_CERTIFICATE: "SignInError";
  /**
   * The client secret has expired.
   *
   * What to do: make a new one for the application.
   */
  EXPIRED_SECRET: "SignInError";
  /**
   * The library or the server failed, and gave no reason that is known.
   *
   * What to do: read the message.
   */
  FAILED: "SignInError" | "SparkError";
  /**
   * The directory asks for another step, such as multi-factor authentication.
   *
   * What to do: sign in with a device code or a browser, where a person can answer.
   */
  INTERACTION_REQUIRED: "SignInError";
  /**
   * None of the credentials worked.
   *
   * What to do: the hint has a line for each: fix one, or name the one that you mean in `method`.
   */
  NO_CREDENTIAL: "SignInError";
  /**
   * The application admits only people who are assigned to it.
   *
   * What to do: ask for an assignment.
   */
  NOT_ASSIGNED: "SignInError";
  /**
   * This way to sign in is not set up here.
   *
   * What to do: the hint says what is missing.
   */
  NOT_AVAILABLE: "SignInError";
  /**
   * A sign-in to the practice cloud would have asked another host for a token.
   *
   * What to do: call `connect({ cloud: "public" })` to sign in to Azure itself.
   */
  OFF_LIMITS: "SignInError";
  /**
   * The sign-in was refused for a reason that is not known here.
   *
   * What to do: the message has the code of Microsoft Entra ID.
   */
  REFUSED: "SignInError";
  /**
   * An earlier sign-in no longer counts.
   *
   * What to do: sign in again.
   */
  SIGN_IN_EXPIRED: "SignInError";
  /**
   * The session has signed out.
   *
   * What to do: call `signIn` for a new one.
   */
  SIGNED_OUT: "SignInError";
  /**
   * Another process holds the remembered sign-ins.
   *
   * What to do: sign in without `remember`, or end the kernel that hangs.
   */
  STORE_BUSY: "SignInError";
  /**
   * Sign-ins cannot be remembered in that folder.
   *
   * What to do: sign in without `remember`, or name a folder that you may write to.
   */
  STORE_UNUSABLE: "SignInError";
  /**
   * This way to sign in gave no answer in time.
   *
   * What to do: the hint says what was waited for.
   */
  TIMED_OUT: "SignInError";
  /**
   * The directory has no such application.
   *
   * What to do: check client id and tenant id.
   */
  UNKNOWN_APPLICATION: "SignInError";
  /**
   * The directory does not know the service that the token is for.
   *
   * What to do: check the scope and the cloud.
   */
  UNKNOWN_RESOURCE: "SignInError";
  /**
   * There is no such directory in this cloud.
   *
   * What to do: check the tenant id, and the name of the cloud.
   */
  UNKNOWN_TENANT: "SignInError";
  /**
   * The directory has no such user.
   *
   * What to do: check the user name and the tenant id.
   */
  UNKNOWN_USER: "SignInError";
  /**
   * The account, or the token, belongs to another directory.
   *
   * What to do: give the directory's id as `tenantId`.
   */
  WRONG_TENANT: "SignInError" | "AccountError" | "LakeError";
}
