import { VisualStudioCodeCredential } from "@azure/identity";
import { credentialOptions, tokenOptions, type Way, type WayContext } from "../way.ts";
import { plugIn } from "./plugins.ts";

/** Whoever is signed in to the Azure Resources extension of Visual Studio Code. */
export function vscode({ tenantId }: { tenantId?: string }, context: WayContext): Way {
  let credential: VisualStudioCodeCredential | undefined;
  return {
    method: "vscode",
    name: "VisualStudioCode",
    patience: 15_000,
    async getToken(request) {
      await plugIn("@azure/identity-vscode", "vsCodePlugin");
      credential ??= new VisualStudioCodeCredential({
        ...credentialOptions(context),
        ...(tenantId && { tenantId }),
      });
      return credential.getToken(request.scope, tokenOptions(request));
    },
  };
}
