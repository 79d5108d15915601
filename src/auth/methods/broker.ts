import { InteractiveBrowserCredential } from "@azure/identity";
import { credentialOptions, tokenOptions, type Way, type WayContext } from "../way.ts";
import { plugIn } from "./plugins.ts";

/** Whoever is signed in to the operating system, by its authentication broker. */
export function broker({ tenantId }: { tenantId?: string }, context: WayContext): Way {
  let credential: InteractiveBrowserCredential | undefined;
  return {
    method: "broker",
    name: "Broker",
    patience: 15_000,
    async getToken(request) {
      await plugIn("@azure/identity-broker", "nativeBrokerPlugin");
      credential ??= new InteractiveBrowserCredential({
        ...credentialOptions(context),
        ...(tenantId && { tenantId }),
        brokerOptions: {
          enabled: true,
          useDefaultBrokerAccount: true,
          // A kernel has no window of its own.
          parentWindowHandle: new Uint8Array(0),
        },
      });
      return credential.getToken(request.scope, tokenOptions(request));
    },
  };
}
