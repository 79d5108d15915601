import { demandWide } from "../access/demand.ts";
import { answer, answerXml } from "../wire/answer.ts";
import { readText } from "../wire/body.ts";
import type { Operation } from "../wire/operation.ts";
import { refuse } from "../wire/refusals.ts";
import { element } from "../wire/xml.ts";
import { childOf, readXml, type XmlElement } from "../wire/xml-reader.ts";

const MAX_CORS_RULES = 5;

/** GET ?restype=service&comp=properties */
export function getServiceProperties(operation: Operation): void {
  demandWide(operation, "readService");
  answerXml(operation.call, 200, operation.store.settings.xml());
}

/** PUT ?restype=service&comp=properties: what is not given stays as it is. */
export async function setServiceProperties(operation: Operation): Promise<void> {
  const { call, store } = operation;
  demandWide(operation, "writeService");
  const properties = readXml(await readText(call));
  if (properties.name !== "StorageServiceProperties") throw refuse("InvalidXmlDocument");
  const rules = childOf(properties, "Cors")?.children ?? [];
  if (rules.length > MAX_CORS_RULES) throw refuse("InvalidXmlDocument");
  const retention = childOf(properties, "DeleteRetentionPolicy");
  if (retention) store.settings.setRetention(daysOf(retention));
  store.settings.keep(properties);
  answer(call, 202);
}

/** Days that a policy of soft delete keeps what was deleted; 0 when it is off. */
function daysOf(policy: XmlElement): number {
  const enabled = childOf(policy, "Enabled")?.text;
  if (enabled !== "true" && enabled !== "false") throw refuse("InvalidXmlDocument");
  const days = childOf(policy, "Days")?.text ?? "";
  if (enabled === "false") return 0;
  if (!/^[1-9]\d{0,2}$/.test(days) || Number(days) > 365) throw refuse("InvalidXmlDocument");
  return Number(days);
}

/** GET ?restype=account&comp=properties: what kind of account it is. */
export function getAccountInfo({ call }: Operation): void {
  answer(call, 200, {
    "x-ms-sku-name": "Standard_LRS",
    "x-ms-account-kind": "StorageV2",
    "x-ms-is-hns-enabled": "true",
  });
}

/** GET ?restype=service&comp=stats */
export function getServiceStats(operation: Operation): void {
  demandWide(operation, "readService");
  const status = element("Status", "live") + element("LastSyncTime", new Date().toUTCString());
  const body = element("GeoReplication", status, true);
  answerXml(operation.call, 200, element("StorageServiceStats", body, true));
}
