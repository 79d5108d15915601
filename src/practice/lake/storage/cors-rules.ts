import { childOf, type XmlElement } from "../xml/read-xml.ts";
import { element } from "../xml/write-xml.ts";

/** A CORS rule; see "Set Blob Service Properties". */
export interface CorsRule {
  readonly origins: readonly string[];
  readonly methods: readonly string[];
  /** Request headers; may end in `*`. */
  readonly headers: readonly string[];
  /** Headers of answers that pages may read. */
  readonly exposed: readonly string[];
  /** Seconds for which a browser may cache a preflight answer. */
  readonly maxAge: number;
}

export function corsRulesIn(cors: XmlElement | undefined): CorsRule[] {
  return (cors?.children ?? []).map((rule) => {
    const list = (name: string) => splitList(childOf(rule, name)?.text ?? "");
    return {
      origins: list("AllowedOrigins"),
      methods: list("AllowedMethods").map((method) => method.toUpperCase()),
      headers: list("AllowedHeaders"),
      exposed: list("ExposedHeaders"),
      maxAge: Number(childOf(rule, "MaxAgeInSeconds")?.text ?? Number.NaN),
    };
  });
}

function splitList(text: string): string[] {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}

export function corsElement(rules: readonly CorsRule[]): string {
  const written = rules.map(({ origins, methods, headers, exposed, maxAge }) =>
    element(
      "CorsRule",
      element("AllowedOrigins", origins.join(",")) +
        element("AllowedMethods", methods.join(",")) +
        element("AllowedHeaders", headers.join(",")) +
        element("ExposedHeaders", exposed.join(",")) +
        element("MaxAgeInSeconds", maxAge),
      true,
    ),
  );
  return element("Cors", written.join(""), true);
}

const MAX_RULES = 5;
const MAX_BYTES = 2_048;
const MAX_LISTED = 64;
const MAX_LENGTH = 256;
const METHODS = ["DELETE", "GET", "HEAD", "MERGE", "POST", "OPTIONS", "PUT", "PATCH"];

/** Why the service refuses rules; undefined when it accepts them. */
export function wrongWithRules(rules: readonly CorsRule[]): string | undefined {
  if (rules.length > MAX_RULES) return `there are more than ${MAX_RULES} rules`;
  if (Buffer.byteLength(corsElement(rules)) > MAX_BYTES + 512) return "the rules are too long";
  return rules.map(wrongWith).find((wrong) => wrong !== undefined);
}

function wrongWith({ origins, methods, headers, exposed, maxAge }: CorsRule): string | undefined {
  if (origins.length === 0) return "a rule allows no origins";
  if (methods.length === 0) return "a rule allows no methods";
  const other = methods.find((method) => !METHODS.includes(method));
  if (other !== undefined) return `${other} is no method that can be allowed`;
  if (!Number.isSafeInteger(maxAge) || maxAge < 0) return "MaxAgeInSeconds is no whole number";
  const isLong = [origins, headers, exposed].some(
    (list) => list.length > MAX_LISTED + 2 || list.some((part) => part.length > MAX_LENGTH),
  );
  return isLong ? "a list of a rule is too long" : undefined;
}
