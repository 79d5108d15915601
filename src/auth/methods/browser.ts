import { InteractiveBrowserCredential } from "@azure/identity";
import type { Credential, CredentialContext } from "../credential.ts";
import { deviceCodeCredential } from "./device-code.ts";
import { interaction, type PersonCredential } from "./interactive.ts";
import { type OpenedWindow, watchWindow } from "./opened-window.ts";
import type { PersonOptions } from "./person-options.ts";

/** Options of the sign-in in a browser window (authorization code with PKCE, RFC 7636). */
export interface BrowserOptions extends PersonOptions {
  /** User name to fill in. */
  loginHint?: string;
}

const MESSAGE = "A browser window was opened on the machine of the kernel: sign in there.";
const NO_WINDOW = "no browser window opens on the machine of the kernel";

/** Signs in with a device code where no window opens. */
export function browser(options: BrowserOptions, context: CredentialContext): Credential {
  const { loginHint } = options;
  let byCode = false;
  return {
    get method() {
      return byCode ? "device-code" : "browser";
    },
    get name() {
      return byCode ? "DeviceCode" : "InteractiveBrowser";
    },
    get reason() {
      return byCode ? NO_WINDOW : undefined;
    },
    ...interaction({
      options,
      context,
      ...(loginHint && { hint: loginHint }),
      make(credentialOptions, ask) {
        const inBrowser = new InteractiveBrowserCredential({
          ...credentialOptions,
          ...(loginHint && { loginHint }),
        });
        let active: PersonCredential = {
          getToken: (scope, tokenOptions) => inBrowser.getToken(scope, tokenOptions),
          async authenticate(scope, tokenOptions = {}) {
            const { promise: noWindow, resolve: giveUp } = Promise.withResolvers<OpenedWindow>();
            const stopWatching = watchWindow((window) => {
              stopWatching();
              const { url } = window;
              const link = url === undefined ? "" : ` If you see none, open ${url} there.`;
              const settle = ask({
                kind: "browser",
                message: MESSAGE + link,
                ...(url !== undefined && { url }),
              });
              void window.failed.then(() => {
                settle({ state: "no-window", reason: "a code takes its place", followed: true });
                giveUp(window);
              });
            });
            const signedIn = inBrowser.authenticate(scope, tokenOptions);
            try {
              const first = await Promise.race([signedIn.then((record) => ({ record })), noWindow]);
              if ("record" in first) return first.record;
              signedIn.catch(() => undefined);
              await endWait(first.url);
            } finally {
              stopWatching();
            }
            byCode = true;
            active = deviceCodeCredential(credentialOptions, ask, NO_WINDOW);
            return active.authenticate(scope, tokenOptions);
          },
        };
        return {
          getToken: (scope, tokenOptions) => active.getToken(scope, tokenOptions),
          authenticate: (scope, tokenOptions) => active.authenticate(scope, tokenOptions),
        };
      },
    }),
  };
}

/** Ends the Azure SDK's wait for the redirect: sends it a refusal. */
async function endWait(url: string | undefined): Promise<void> {
  const { searchParams } = new URL(url ?? "none:");
  const back = searchParams.get("redirect_uri");
  const body = new URLSearchParams({
    error: "access_denied",
    state: searchParams.get("state") ?? "",
  });
  if (back) await fetch(back, { method: "POST", body }).catch(() => undefined);
}
