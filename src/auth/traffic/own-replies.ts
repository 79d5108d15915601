import type { PipelineResponse } from "@azure/core-rest-pipeline";
import { ForeignReply, foreignReason, jsonOf } from "../../core/azure-reply.ts";

/** Metadata services of machines, wherever they are, and of what else gives managed identities. */
const METADATA = /^https?:\/\/[^/]+\/(metadata|msi)\//i;
const AUTHORITY = /\/oauth2\/|\/\.well-known\/openid-configuration$|\/discovery\//;

/** What a successful reply must hold, by the end of what was asked for. */
const FIELDS: readonly (readonly [end: string, fields: readonly string[]])[] = [
  ["/openid-configuration", ["issuer", "token_endpoint"]],
  ["/devicecode", ["device_code", "user_code", "verification_uri"]],
  ["/token", ["access_token"]],
];

/**
 * What tells that a reply of a sign-in is not of whoever was asked: the authority, a metadata
 * service, or another service of Azure. Nothing when it can be.
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
  // Proxies that ask for a sign-in of their own say so, and machines refuse in many ways.
  if (status === 407 || (status >= 400 && isMetadata)) return;
  // Azure's own gateways, too, may fail without a body.
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
