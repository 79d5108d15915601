import { Refusal } from "../../service-refusal.ts";

/** Status and message of the refusals that only OneLake has. */
export const ONELAKE_KNOWN = {
  ArtifactNotFound: [404, "The artifact is not found in the workspace."],
  BadRequest: [400, "Either WorkspaceId or ArtifactId are missing in the request."],
  FriendlyNameSupportDisabled: [
    400,
    "Friendly names cannot be mixed with ids: name both the workspace and the item, or give both ids.",
  ],
  OperationNotAllowedOnThePath: [400, "The operation is not allowed on the path."],
  UnsupportedQueryParameter: [
    400,
    "One of the query parameters specified in the request URI is not supported.",
  ],
  WorkspaceNotFound: [404, "The workspace is not found."],
} as const satisfies Record<string, readonly [number, string]>;

export function refuseOnOneLake(code: keyof typeof ONELAKE_KNOWN): Refusal {
  const [status, message] = ONELAKE_KNOWN[code];
  return new Refusal(status, code, message);
}
