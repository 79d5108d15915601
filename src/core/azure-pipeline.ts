import { isRestError, type PipelinePolicy } from "@azure/core-rest-pipeline";
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
      const { host, origin: wanted } = new URL(request.url);
      if (wanted !== home.origin) {
        const nothing = {
          status: 0,
          headers: { get: () => undefined },
          request: { ...request, url: origin },
        };
        throw new ForeignReply(nothing, `a reply said to ask ${host} next, which is elsewhere`);
      }
      const reply = await ownReply(() => next(request));
      const { status, bodyAsText } = reply;
      const isJson = (status === 200 && request.method === "GET") || (status < 300 && bodyAsText);
      if (isJson) jsonOf(reply);
      return reply;
    },
  };
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
    if (isRestError(error) && error.response) refuseForeign(error.response);
    throw error;
  }
  refuseForeign(reply);
  return reply;
}
