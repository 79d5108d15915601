import type { CorsRule } from "../storage/cors-rules.ts";
import { answer, covers, noteExposed } from "./answer.ts";
import { type Call, header } from "./lake-call.ts";
import { refuse } from "./refusals.ts";

const READS = ["GET", "HEAD"];

/** OPTIONS: a CORS preflight, without authorization; see "Preflight Blob Request". */
export function answerPreflight(call: Call, rules: readonly CorsRule[]): void {
  call.notes.operation = "preflight";
  const origin = header(call, "origin");
  const method = header(call, "access-control-request-method");
  if (origin === undefined || method === undefined) throw refuse("MissingRequiredHeader");
  const asked = header(call, "access-control-request-headers");
  const names = (asked ?? "").split(",").map((name) => name.trim().toLowerCase());
  const rule = rules.find(
    (one) =>
      isFor(one, origin, method) &&
      names.every((name) => name === "" || one.headers.some((allowed) => covers(allowed, name))),
  );
  if (!rule) throw refuse("CorsPreflightFailure");
  answer(call, 200, {
    ...originHeaders(rule, origin),
    "Access-Control-Allow-Methods": method,
    "Access-Control-Allow-Headers": asked,
    "Access-Control-Max-Age": rule.maxAge,
  });
}

/** Adds CORS headers to the answer, when a rule allows the origin. */
export function allowOrigin(call: Call, rules: readonly CorsRule[]): void {
  const origin = header(call, "origin");
  if (rules.length === 0) return;
  const rule = rules.find((one) => origin !== undefined && isFor(one, origin, call.method));
  const { response } = call;
  if (!rule || origin === undefined) {
    // The answer depends on the origin, which caches must know.
    const isForAll = rules.some(({ origins }) => origins.includes("*"));
    if (READS.includes(call.method) && !isForAll) response.setHeader("Vary", "Origin");
    return;
  }
  const { Vary: vary, ...others } = originHeaders(rule, origin);
  for (const [name, value] of Object.entries(others)) response.setHeader(name, value);
  if (vary && READS.includes(call.method)) response.setHeader("Vary", vary);
  noteExposed(response, rule.exposed);
}

function originHeaders({ origins }: CorsRule, origin: string): Record<string, string> {
  const isNamed = origins.some((one) => one.toLowerCase() === origin.toLowerCase());
  if (!isNamed && origins.includes("*")) return { "Access-Control-Allow-Origin": "*" };
  return {
    "Access-Control-Allow-Origin": origin,
    "Access-Control-Allow-Credentials": "true",
    Vary: "Origin",
  };
}

function isFor({ origins, methods }: CorsRule, origin: string, method: string): boolean {
  const isAllowed = origins.some((one) => one === "*" || matches(one, origin.toLowerCase()));
  return isAllowed && methods.includes(method.toUpperCase());
}

/** Whether an origin matches a rule, in which `*.` may stand for subdomains. */
function matches(allowed: string, origin: string): boolean {
  const [scheme, domain] = allowed.toLowerCase().split("*.");
  if (domain === undefined) return allowed.toLowerCase() === origin;
  return origin.startsWith(scheme ?? "") && origin.endsWith(`.${domain}`);
}
