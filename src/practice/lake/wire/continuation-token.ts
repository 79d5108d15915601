import { refuseQuery } from "./refusals.ts";

export function writeToken(parts: readonly string[]): string {
  return Buffer.from(JSON.stringify(parts)).toString("base64url");
}

/** @throws Refusal for an unknown token */
export function readToken(parameter: string, token: string): string[] {
  try {
    const parts = JSON.parse(Buffer.from(token, "base64url").toString()) as unknown;
    if (Array.isArray(parts)) return parts.map(String);
  } catch {
    // Falls through to the refusal.
  }
  throw refuseQuery(parameter, token);
}
