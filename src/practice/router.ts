import { type Exchange, type Handler, sendJson } from "./exchange.ts";
import type { PracticeLake } from "./lake/index.ts";
import { route } from "./routes.ts";

/** The parts that requests over TLS are for. */
export interface Parts {
  readonly authority: Handler;
  readonly lake: PracticeLake;
}

/** Hands each request to the part that its host name or path is for. */
export function createRouter(parts: Parts): Handler {
  return async (exchange) => {
    const { request, response, url } = exchange;
    const [path = "/"] = (request.url ?? "/").split("?", 1);
    const found = route(url.hostname, path);
    if (found.part === "authority") await parts.authority(exchange);
    else if (found.part !== "storage") notServed(exchange);
    else if (parts.lake.hasAccount(found.account)) {
      await parts.lake.handle({ ...found, request, response });
    } else noSuchAccount(exchange, found.account);
  };
}

/** Azure has no host name for an account that does not exist; a loopback address always answers. */
function noSuchAccount({ response }: Exchange, account: string): void {
  const message = `The practice cloud has no storage account ${account}.`;
  sendJson(
    response,
    404,
    { error: { code: "ResourceNotFound", message } },
    { "x-ms-error-code": "ResourceNotFound" },
  );
}

function notServed({ response, url }: Exchange): void {
  sendJson(response, 501, {
    error: { code: "NotImplemented", message: `The practice cloud does not serve ${url.host}.` },
  });
}
