import { InteractiveBrowserCredential } from "@azure/identity";
import type { Way, WayContext } from "../way.ts";
import { interaction, type PersonOptions } from "./interactive.ts";

/** A browser window on this machine (authorization code with PKCE, RFC 7636). */
export interface BrowserOptions extends PersonOptions {
  /** User name to fill in. */
  loginHint?: string;
}

const MESSAGE = "A browser window was opened on the machine of the kernel: sign in there.";

export function browser(options: BrowserOptions, context: WayContext): Way {
  const { loginHint } = options;
  return {
    method: "browser",
    name: "InteractiveBrowser",
    ...interaction({
      options,
      context,
      ...(loginHint && { hint: loginHint }),
      make(credentialOptions, ask) {
        const credential = new InteractiveBrowserCredential({
          ...credentialOptions,
          ...(loginHint && { loginHint }),
        });
        return {
          getToken: (scope, tokenOptions) => credential.getToken(scope, tokenOptions),
          authenticate(scope, tokenOptions) {
            ask({ kind: "browser", message: MESSAGE });
            return credential.authenticate(scope, tokenOptions ?? {});
          },
        };
      },
    }),
  };
}
