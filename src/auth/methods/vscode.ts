import { VisualStudioCodeCredential } from "@azure/identity";
import {
  type Credential,
  type CredentialContext,
  credentialOptions,
  tokenOptions,
} from "../credential.ts";
import { plugIn } from "./plugins.ts";

/** The user of the Azure Resources extension of Visual Studio Code. */
export function vscode(
  { tenantId }: { tenantId?: string },
  context: CredentialContext,
): Credential {
  let credential: VisualStudioCodeCredential | undefined;
  return {
    method: "vscode",
    name: "VisualStudioCode",
    timeout: 15_000,
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
