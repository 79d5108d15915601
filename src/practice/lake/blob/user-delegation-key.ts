import { demandWide } from "../access/demand.ts";
import type { Operation } from "../access/operation.ts";
import { delegationKey } from "../access/shared-key.ts";
import { answerXml } from "../wire/answer.ts";
import { readDocument, readText } from "../wire/body.ts";
import { refuse } from "../wire/refusals.ts";
import { childOf } from "../xml/read-xml.ts";
import { element } from "../xml/write-xml.ts";

const MAX_DAYS = 7;
const DAY = 86_400_000;

/** POST ?restype=service&comp=userdelegationkey: a key that signs in the caller's name. */
export async function getUserDelegationKey(operation: Operation): Promise<void> {
  const { call, caller, store } = operation;
  demandWide(operation, "delegate");
  const body = await readText(call);
  const asked = readDocument(body);
  const start = truncate(childOf(asked, "Start")?.text || new Date().toISOString());
  const expiry = truncate(childOf(asked, "Expiry")?.text ?? "");
  const length = Date.parse(expiry) - Date.parse(start);
  if (!(length > 0 && length <= MAX_DAYS * DAY)) throw refuse("InvalidXmlNodeValue");
  const version = call.request.headers["x-ms-version"];
  const delegation = {
    id: caller.id,
    tenantId: caller.tenantId,
    start,
    expiry,
    service: "b",
    version: typeof version === "string" ? version : "2020-02-10",
  };
  const content =
    element("SignedOid", delegation.id) +
    element("SignedTid", delegation.tenantId) +
    element("SignedStart", start) +
    element("SignedExpiry", expiry) +
    element("SignedService", delegation.service) +
    element("SignedVersion", delegation.version) +
    element("Value", delegationKey(store.keys, delegation));
  answerXml(call, 200, element("UserDelegationKey", content, true));
}

function truncate(time: string): string {
  if (Number.isNaN(Date.parse(time))) throw refuse("InvalidXmlNodeValue");
  return new Date(time).toISOString().replace(/\.\d+Z$/, "Z");
}
