/** Codes of what Azure, a lake or the settings refuse. */
export interface AzureErrorCodes {
  /**
   * There is no storage account of that name, or this network does not know it.
   *
   * What to do: check the name, and the network or VPN that the account is in.
   */
  ACCOUNT_NOT_FOUND: "LakeError";
  /**
   * No account or resource group can have that name.
   *
   * What to do: the hint has the rule.
   */
  BAD_NAME: "AccountError";
  /**
   * A path or URL makes no sense here, or leads out of the file system.
   *
   * What to do: give a path from its root, or a URL that leads into it.
   */
  BAD_PATH: "LakeError";
  /**
   * The part that was asked for is not in the file.
   *
   * What to do: look at the size first: `lake.stat(path)`.
   */
  BAD_RANGE: "LakeError";
  /**
   * The service does not take the request as it is.
   *
   * What to do: the hint has what it said.
   */
  BAD_REQUEST: "LakeError";
  /**
   * A settings file, or a variable of the environment, holds something else than settings.
   *
   * What to do: fix or delete what the message names.
   */
  BAD_SETTINGS: "CloudError";
  /**
   * Somebody else changed it meanwhile, or its state does not allow this: a folder that is not
   * empty, a lease, a deletion that goes on.
   *
   * What to do: look at what is there now, then try again.
   */
  CONFLICT: "LakeError" | "FrameError" | "AccountError";
  /**
   * Something of that name is there already.
   *
   * What to do: choose another name, or say `{ overwrite: true }`.
   */
  EXISTS: "LakeError" | "AccountError";
  /**
   * The account has no such file system.
   *
   * What to do: check the name, or make it: `lake.createFileSystem()`.
   */
  FILE_SYSTEM_NOT_FOUND: "LakeError";
  /**
   * Azure knows who you are, and says no: a role or an entry of an access list is missing, or a
   * firewall, a policy or a lock is in the way.
   *
   * What to do: the hint names the role or the rule. A new role takes up to ten minutes to count.
   */
  FORBIDDEN: "SignInError" | "LakeError" | "AccountError" | "SparkError";
  /**
   * A file of this machine could not be read or written.
   *
   * What to do: the hint says why: the disk is full, or you may not.
   */
  LOCAL_FILE: "LakeError";
  /**
   * OneLake leaves this to Fabric: workspaces, items, access lists.
   *
   * What to do: do it in Fabric; write below `Files` and `Tables`.
   */
  MANAGED: "LakeError";
  /**
   * No storage account was chosen.
   *
   * What to do: pass `account` to `connect`, or name it; `listAccounts()` lists them.
   */
  NO_ACCOUNT: "AccountError";
  /**
   * The practice cloud that `NOTELAKE_PRACTICE` names is not running.
   *
   * What to do: start it with `npx notelake practice`, or unset the variable.
   */
  NO_PRACTICE: "CloudError";
  /**
   * No subscription was chosen.
   *
   * What to do: pass `subscriptionId` to `connect`, or set `AZURE_SUBSCRIPTION_ID`.
   */
  NO_SUBSCRIPTION: "AccountError";
  /**
   * Something between answered in the place of Azure, such as a proxy or a sign-in page of a
   * network.
   *
   * What to do: check the network and `HTTPS_PROXY`.
   */
  NOT_AZURE: "LakeError" | "AccountError" | "SignInError";
  /**
   * No cloud was chosen yet.
   *
   * What to do: call `await connect()` first.
   */
  NOT_CONNECTED: "CloudError";
  /**
   * A deletion was accepted, and has not come about.
   *
   * What to do: look again in a few minutes.
   */
  NOT_DELETED: "AccountError";
  /**
   * It is not there, or this account does not see it.
   *
   * What to do: the hint has the nearest names; look with `lake.list`.
   */
  NOT_FOUND: "LakeError" | "AccountError" | "SignInError";
  /**
   * The subscription is not registered for this kind of resource.
   *
   * What to do: `az provider register --namespace NAMESPACE`, once.
   */
  NOT_REGISTERED: "AccountError" | "SignInError" | "LakeError";
  /**
   * Azure could not finish what it had begun to make.
   *
   * What to do: look at it in the portal, and delete it.
   */
  PROVISIONING_FAILED: "AccountError";
  /**
   * It was opened for reading.
   *
   * What to do: open it with `{ writable: true }` if you mean to change it.
   */
  READ_ONLY: "CloudError";
  /**
   * Azure answered with an error of its own (500 and above).
   *
   * What to do: try again; https://azure.status.microsoft tells of outages.
   */
  SERVICE_FAILED: "LakeError" | "AccountError";
  /**
   * The service is too busy, and stayed so at every try.
   *
   * What to do: try again later, or ask for less at once.
   */
  THROTTLED: "LakeError" | "AccountError";
  /**
   * Nobody is signed in, or the token or signature does not hold.
   *
   * What to do: call `await signIn()`; a key or signature may be wrong or past its date.
   */
  UNAUTHENTICATED: "LakeError" | "AccountError" | "SparkError" | "SignInError";
  /**
   * There is no role of that name.
   *
   * What to do: write it as the portal does, such as `Storage Blob Data Reader`.
   */
  UNKNOWN_ROLE: "AccountError";
  /**
   * No answer: the name is not known, or nobody listens.
   *
   * What to do: check the network, `HTTPS_PROXY` and the names of account and cloud.
   */
  UNREACHABLE: "LakeError" | "AccountError" | "SignInError";
  /**
   * The certificate of the host is not one that is trusted.
   *
   * What to do: set `NODE_EXTRA_CA_CERTS` if your organisation has a certificate authority of its
   * own.
   */
  UNTRUSTED_CERTIFICATE: "SignInError" | "AccountError" | "LakeError";
  /**
   * The token is for another service.
   *
   * What to do: pass the session itself, which asks for the right one.
   */
  WRONG_AUDIENCE: "AccountError" | "SignInError" | "LakeError";
}
