import { DeviceCodeCredential } from "@azure/identity";
import type { DeviceCodePrompt } from "../../core/sign-in.ts";
import { currentRecording } from "../traffic/recording.ts";
import { credentialOptions, type Way, type WayContext } from "../way.ts";
import { interaction, type Settle } from "./interactive.ts";

/** A person types a code on a page, on any device (RFC 8628). */
export interface DeviceCodeOptions {
  /** Directory of the person; of any, when absent. */
  tenantId?: string;
  /** Application to sign in to. Default: the cloud's, else the Azure SDK's own. */
  clientId?: string;
}

export function deviceCode(options: DeviceCodeOptions, context: WayContext): Way {
  const { cloud, onPrompt } = context;
  const tenantId = options.tenantId ?? cloud.tenantId;
  const clientId = options.clientId ?? cloud.clientId;
  let settle: Settle = () => undefined;
  const credential = new DeviceCodeCredential({
    ...credentialOptions(context),
    ...(tenantId && { tenantId }),
    ...(clientId && { clientId }),
    disableAutomaticAuthentication: true,
    userPromptCallback({ userCode, verificationUri, message }) {
      const expiresAt = currentRecording()?.device?.expiresAt ?? Date.now() + 900_000;
      const outcome = new Promise<Parameters<Settle>[0]>((resolve) => {
        settle = resolve;
      });
      const prompt: DeviceCodePrompt = {
        kind: "device-code",
        userCode,
        verificationUri,
        message,
        expiresOn: new Date(expiresAt),
        outcome,
      };
      onPrompt(prompt);
    },
  });
  return {
    method: "device-code",
    name: "DeviceCode",
    getToken: interaction({ credential, settle: (outcome) => settle(outcome) }),
  };
}
