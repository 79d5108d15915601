import { InteractiveBrowserCredential } from "@azure/identity";
import {
  type Credential,
  type CredentialContext,
  credentialOptions,
  tokenOptions,
} from "../credential.ts";
import { plugIn } from "./plugins.ts";

/** The user of the operating system, by its authentication broker. */
export function broker(
  { tenantId }: { tenantId?: string },
  context: CredentialContext,
): Credential {
  let credential: InteractiveBrowserCredential | undefined;
  return {
    method: "broker",
    name: "Broker",
    timeout: 15_000,
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
