import { isRestError, type PipelinePolicy, type PipelineResponse } from "@azure/core-rest-pipeline";
import { ForeignReply, jsonOf, type Reply, refuseForeign } from "./azure-reply.ts";

/**
 * Checks each reply that a stock client of Resource Manager gets, behind its retries, and keeps what
 * it sends, a token among it, from any other place than `origin`: a reply may name where to ask next.
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
 * Whether a reply has what lies at its URL: a collection has a `value`, a resource an `id`. The
 * segments of a path are pairs of a type and a name, but for a collection's last one. An operation
 * under way has either, or nothing at all.
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

/** The reply that `send` gets, if it can be the service's own. @throws ForeignReply */
export async function ownReply<Response extends Reply>(
  send: () => Promise<Response>,
): Promise<Response> {
  let reply: Response;
  try {
    reply = await send();
  } catch (error) {
    // A pipeline has read the reply already, and made an error of what it did not understand.
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
