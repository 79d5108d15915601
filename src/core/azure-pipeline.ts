import { isRestError, type PipelinePolicy, type PipelineResponse } from "@azure/core-rest-pipeline";
import { ForeignReply, jsonOf, type Reply, refuseForeign } from "./azure-reply.ts";

/**
 * Checks the replies of an Azure client of Resource Manager, after its retries, and sends requests,
 * with their tokens, to `origin` only: a reply may have a URL to continue at.
 *
 * @param origin `https://host[:port]`
 */
export function managementReplies(origin: string): PipelinePolicy {
  const home = new URL(origin);
  return {
    name: "notelakeReplies",
    async sendRequest(request, next) {
      const { host, origin: requested } = new URL(request.url);
      if (requested !== home.origin) {
        const nothing = {
          status: 0,
          headers: { get: () => undefined },
          request: { ...request, url: origin },
        };
        throw new ForeignReply(nothing, `a reply said to ask ${host} next, which is elsewhere`);
      }
      const reply = await ownReply(() => next(request));
      if (!isWhole(reply)) {
        throw new ForeignReply(reply, "its JSON is not what lies at this address");
      }
      return reply;
    },
  };
}

/**
 * Whether a reply is complete: a collection has a `value`, a resource an `id`. A path has pairs of
 * a type and a name, but for the last type of a collection. A pending operation has either, or
 * nothing.
 *
 * @throws ForeignReply when it has no JSON where some is due
 */
function isWhole(reply: PipelineResponse): boolean {
  const { status, bodyAsText, request } = reply;
  const segments = new URL(request.url).pathname.split("/").filter(Boolean);
  const isOperation = segments.some((segment) => /operation/i.test(segment));
  const isDue = request.method === "GET" && status === 200 && !isOperation;
  if (status >= 300 || (!isDue && !bodyAsText)) return true;
  const json = jsonOf(reply);
  if (isOperation || request.method === "POST") return true;
  const isCollection = request.method === "GET" && segments.length % 2 === 1;
  return isCollection ? Array.isArray(json.value) : typeof json.id === "string";
}

/** The reply of `send`. @throws ForeignReply when it is not the service's */
export async function ownReply<Response extends Reply>(
  send: () => Promise<Response>,
): Promise<Response> {
  let reply: Response;
  try {
    reply = await send();
  } catch (error) {
    // A pipeline makes an error of a reply that it cannot parse.
    const response = isRestError(error) ? error.response : undefined;
    if (response) refuseForeign(response);
    if (response && response.status < 300) {
      throw new ForeignReply(response, "it is no success that this operation has");
    }
    throw error;
  }
  refuseForeign(reply);
  return reply;
}
