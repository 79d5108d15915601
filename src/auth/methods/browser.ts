import { InteractiveBrowserCredential } from "@azure/identity";
import { credentialOptions, type Way, type WayContext } from "../way.ts";
import { interaction, type Settle } from "./interactive.ts";

/** A browser window on this machine (authorization code with PKCE, RFC 7636). */
export interface BrowserOptions {
  /** Directory of the person; of any, when absent. */
  tenantId?: string;
  /** Application to sign in to. Default: the cloud's, else the Azure SDK's own. */
  clientId?: string;
  /** User name to fill in. */
  loginHint?: string;
}

export function browser(options: BrowserOptions, context: WayContext): Way {
  const { cloud, onPrompt } = context;
  const { loginHint } = options;
  const tenantId = options.tenantId ?? cloud.tenantId;
  const clientId = options.clientId ?? cloud.clientId;
  let settle: Settle = () => undefined;
  const credential = new InteractiveBrowserCredential({
    ...credentialOptions(context),
    ...(tenantId && { tenantId }),
    ...(clientId && { clientId }),
    ...(loginHint && { loginHint }),
    disableAutomaticAuthentication: true,
  });
  return {
    method: "browser",
    name: "InteractiveBrowser",
    getToken: interaction({
      credential: {
        getToken: (scopes, tokenOptions) => credential.getToken(scopes, tokenOptions),
        authenticate(scopes, tokenOptions) {
          const outcome = new Promise<Parameters<Settle>[0]>((resolve) => {
            settle = resolve;
          });
          onPrompt({
            kind: "browser",
            message: "A browser window was opened on this machine: sign in there.",
            outcome,
          });
          return credential.authenticate(scopes, tokenOptions ?? {});
        },
      },
      settle: (outcome) => settle(outcome),
    }),
  };
}
