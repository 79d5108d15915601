import { describeIssuer, type Federation, ISSUER_SEGMENT } from "./authority/federation.ts";
import { type Exchange, type Handler, sendJson } from "./exchange.ts";
import type { Place, PracticeLake } from "./lake/index.ts";
import { type Route, route } from "./routes.ts";

export interface Parts {
  readonly authority: Handler;
  readonly management: Handler;
  readonly lake: PracticeLake;
  /** The DNS zone that a Gen2 account is in; undefined for most. */
  zoneOf(account: string): string | undefined;
  readonly federation: Federation;
}

/** Routes each request by its host name or path. */
export function createRouter(parts: Parts): Handler {
  return async (exchange) => {
    const [path = "/"] = (exchange.request.url ?? "/").split("?", 1);
    const target = route(exchange.url.hostname, path);
    switch (target.part) {
      case "authority":
        exchange.notes.service = "authority";
        return parts.authority(exchange);
      case "management":
        exchange.notes.service = "management";
        return parts.management(exchange);
      case "storage":
        // An account in a zone has no host name outside of it.
        return isAt(parts, target)
          ? answerStorage(parts, exchange, target)
          : noSuchAccount(exchange, target.account);
      case "storage-by-path":
        return path.startsWith(`/${ISSUER_SEGMENT}/`)
          ? publishIssuer(exchange, path, parts)
          : answerStorage(parts, exchange, findPlace(parts, exchange, path));
      case "none":
        return notServed(exchange);
    }
  };
}

function isAt(
  parts: Parts,
  { account, dialect, isOneLake, zone }: Extract<Route, { part: "storage" }>,
): boolean {
  return isOneLake === true || dialect === "gen1" || parts.zoneOf(account) === zone;
}

function findPlace({ lake }: Parts, { request }: Exchange, path: string): Place {
  const renameSource = request.headers["x-ms-rename-source"]?.toString();
  const [, account = ""] = path.split("/");
  return lake.find(path, renameSource) ?? { account, path };
}

async function answerStorage({ lake }: Parts, exchange: Exchange, place: Place): Promise<void> {
  const { request, response, notes } = exchange;
  const isThere = place.isOneLake ? lake.hasOneLake : lake.hasAccount(place.account, place.dialect);
  if (!isThere) noSuchAccount(exchange, place.account);
  else await lake.handle({ ...place, request, response, notes });
}

function publishIssuer({ response }: Exchange, path: string, { federation }: Parts): void {
  if (path === `/${ISSUER_SEGMENT}/.well-known/openid-configuration`) {
    sendJson(response, 200, describeIssuer(federation));
  } else if (path === `/${ISSUER_SEGMENT}/keys`) {
    sendJson(response, 200, { keys: [federation.key.published] });
  } else {
    sendJson(response, 404, { error: "not_found" });
  }
}

/** In Azure the host name of a missing account does not resolve; on loopback it always does. */
function noSuchAccount({ response, notes }: Exchange, account: string): void {
  const code = "ResourceNotFound";
  notes.code = code;
  const message = `The practice cloud has no storage account ${account}.`;
  sendJson(response, 404, { error: { code, message } }, { "x-ms-error-code": code });
}

function notServed({ response, url, notes }: Exchange): void {
  notes.code = "NotImplemented";
  const message = `The practice cloud does not serve ${url.host}.`;
  sendJson(response, 501, { error: { code: "NotImplemented", message } });
}
