import { demandWide } from "../access/demand.ts";
import type { Operation } from "../access/operation.ts";
import { corsRulesIn, wrongWithRules } from "../storage/cors-rules.ts";
import { answer, answerXml } from "../wire/answer.ts";
import { readDocument, readText } from "../wire/body.ts";
import { refuse, refuseXml } from "../wire/refusals.ts";
import { childOf, type XmlElement } from "../xml/read-xml.ts";
import { element } from "../xml/write-xml.ts";

/** GET ?restype=service&comp=properties */
export function getServiceProperties(operation: Operation): void {
  demandWide(operation, "readService");
  answerXml(operation.call, 200, operation.store.settings.xml());
}

/** PUT ?restype=service&comp=properties: sections that are not given stay as they are. */
export async function setServiceProperties(operation: Operation): Promise<void> {
  const { call, store } = operation;
  demandWide(operation, "writeService");
  const document = await readText(call);
  const properties = readDocument(document);
  if (properties.name !== "StorageServiceProperties") throw refuse("InvalidXmlDocument");
  const cors = childOf(properties, "Cors");
  const wrong = wrongWithRules(corsRulesIn(cors));
  if (cors && wrong) throw refuseXml(document, cors.start, wrong);
  const retention = childOf(properties, "DeleteRetentionPolicy");
  const days = retention && daysOf(document, retention);
  for (const name of ["Logging", "HourMetrics", "MinuteMetrics"]) {
    const kept = childOf(childOf(properties, name), "RetentionPolicy");
    if (kept) daysOf(document, kept);
  }
  store.tree.transact(() => {
    if (days !== undefined) store.settings.setRetention(days);
    store.settings.keep(properties);
  });
  answer(call, 202);
}

/** Retention in days of a soft-delete policy; 0 when it is off. */
function daysOf(document: string, policy: XmlElement): number {
  const enabled = childOf(policy, "Enabled");
  if (enabled?.text !== "true" && enabled?.text !== "false") {
    throw refuseXml(document, (enabled ?? policy).start, "Enabled must be true or false.");
  }
  if (enabled.text === "false") return 0;
  const days = childOf(policy, "Days");
  const isDays = /^[1-9]\d{0,2}$/.test(days?.text ?? "") && Number(days?.text) <= 365;
  if (!isDays) throw refuseXml(document, (days ?? policy).start, "Days must be 1 to 365.");
  return Number(days?.text);
}

/** GET ?restype=account&comp=properties */
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
