import type { PipelineResponse } from "@azure/core-rest-pipeline";
import { ForeignReply, foreignReason, jsonOf } from "../../core/azure-reply.ts";

/** URLs of metadata services and other sources of managed identities. */
const METADATA = /^https?:\/\/[^/]+\/(metadata|msi)\//i;
const AUTHORITY = /\/oauth2\/|\/\.well-known\/openid-configuration$|\/discovery\//;

/** Fields of a successful reply, by the end of the URL. */
const FIELDS: readonly (readonly [end: string, fields: readonly string[]])[] = [
  ["/openid-configuration", ["issuer", "token_endpoint"]],
  ["/devicecode", ["device_code", "user_code", "verification_uri"]],
  ["/token", ["access_token"]],
];

/**
 * The error for a reply that is not of the authority, the metadata service, or the service of Azure
 * that was asked; undefined for any other.
 */
export function foreignIn(reply: PipelineResponse): ForeignReply | undefined {
  const { status, headers } = reply;
  const url = reply.request.url.replace(/[?#].*$/, "").replace(/\/$/, "");
  const { IDENTITY_ENDPOINT, MSI_ENDPOINT } = process.env;
  const isOfHost = [IDENTITY_ENDPOINT, MSI_ENDPOINT].some((host) => host && url.startsWith(host));
  const isMetadata = isOfHost || METADATA.test(url);
  if (!isMetadata && !AUTHORITY.test(url)) {
    const reason = foreignReason(reply);
    return reason ? new ForeignReply(reply, reason) : undefined;
  }
  if (status >= 300 && status < 400) return new ForeignReply(reply, "it leads elsewhere");
  // A proxy that wants its own sign-in says so (407), and machines refuse in many ways.
  if (status === 407 || (status >= 400 && isMetadata)) return;
  // Azure's gateways may fail without a body too.
  if (status >= 400 && headers.get("x-ms-request-id")) return;
  try {
    const fields =
      status < 300 ? (FIELDS.find(([end]) => url.endsWith(end))?.[1] ?? []) : ["error"];
    const json = jsonOf(reply);
    const missing = fields.find((field) => typeof json[field] !== "string" || !json[field]);
    return missing ? new ForeignReply(reply, `its JSON has no ${missing}`) : undefined;
  } catch (error) {
    if (error instanceof ForeignReply) return error;
    throw error;
  }
}
