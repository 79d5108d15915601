import { describeIssuer, type Federation, ISSUER_SEGMENT } from "./authority/federation.ts";
import { type Exchange, type Handler, sendJson } from "./exchange.ts";
import type { Faults } from "./faults/faults.ts";
import { strike } from "./faults/strike.ts";
import type { PracticeLake } from "./lake/index.ts";
import { route } from "./routes.ts";

/** The parts that requests over TLS are for. */
export interface Parts {
  readonly authority: Handler;
  readonly lake: PracticeLake;
  readonly federation: Federation;
  readonly faults: Faults;
}

/** Hands each request to the part that its host name or path is for. */
export function createRouter(parts: Parts): Handler {
  return async (exchange) => {
    const { request, response, url } = exchange;
    const [path = "/"] = (request.url ?? "/").split("?", 1);
    const found = route(url.hostname, path);
    if (found.part === "authority") await parts.authority(exchange);
    else if (found.part !== "storage") notServed(exchange);
    else if (found.account === ISSUER_SEGMENT) publishIssuer(exchange, found.path, parts);
    else if (!parts.lake.hasAccount(found.account)) noSuchAccount(exchange, found.account);
    else if (!(await strike(parts.faults, "lake", exchange))) {
      await parts.lake.handle({ ...found, request, response });
    }
  };
}

function publishIssuer({ response }: Exchange, path: string, { federation }: Parts): void {
  if (path === "/.well-known/openid-configuration") {
    sendJson(response, 200, describeIssuer(federation));
  } else if (path === "/keys") {
    sendJson(response, 200, { keys: [federation.key.published] });
  } else {
    sendJson(response, 404, { error: "not_found" });
  }
}

/** Azure has no host name for an account that does not exist; a loopback address always answers. */
function noSuchAccount({ response }: Exchange, account: string): void {
  const code = "ResourceNotFound";
  const message = `The practice cloud has no storage account ${account}.`;
  sendJson(response, 404, { error: { code, message } }, { "x-ms-error-code": code });
}

function notServed({ response, url }: Exchange): void {
  const message = `The practice cloud does not serve ${url.host}.`;
  sendJson(response, 501, { error: { code: "NotImplemented", message } });
}
