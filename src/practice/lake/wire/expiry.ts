import { type Call, date, header } from "./lake-call.ts";
import { refuse, refuseHeader } from "./refusals.ts";

/**
 * When a file is to end, in milliseconds since 1970, by `x-ms-expiry-option`; null for never. See
 * "Set Blob Expiry".
 */
export function expiryOf(call: Call, created: number): number | null {
  const option = header(call, "x-ms-expiry-option")?.toLowerCase();
  if (option === "neverexpire") return null;
  const text = header(call, "x-ms-expiry-time");
  if (text === undefined) throw refuse("MissingRequiredHeader");
  if (option === "absolute") {
    const time = date(call, "x-ms-expiry-time") ?? 0;
    if (time <= Date.now()) throw refuseHeader("x-ms-expiry-time");
    return time;
  }
  if (!/^\d{1,16}$/.test(text)) throw refuseHeader("x-ms-expiry-time");
  if (option === "relativetonow") return Date.now() + Number(text);
  if (option === "relativetocreation") return created + Number(text);
  throw refuseHeader("x-ms-expiry-option");
}
