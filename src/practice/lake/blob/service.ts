import { demandWide } from "../access/demand.ts";
import { answer, answerXml } from "../wire/answer.ts";
import { readText } from "../wire/body.ts";
import type { Operation } from "../wire/operation.ts";
import { refuse } from "../wire/refusals.ts";
import { element, textOf } from "../wire/xml.ts";

/** GET ?restype=service&comp=properties */
export function getServiceProperties(operation: Operation): void {
  demandWide(operation, "readService");
  answerXml(operation.call, 200, operation.store.settings.xml());
}

/** PUT ?restype=service&comp=properties: what is not given stays as it is. */
export async function setServiceProperties(operation: Operation): Promise<void> {
  const { call, store } = operation;
  demandWide(operation, "writeService");
  const body = await readText(call);
  if (!/<StorageServiceProperties[\s/>]/.test(body)) throw refuse("InvalidXmlDocument");
  const retention = /<DeleteRetentionPolicy>([\s\S]*?)<\/DeleteRetentionPolicy>/.exec(body)?.[1];
  if (retention !== undefined) {
    const isEnabled = textOf(retention, "Enabled") === "true";
    const days = Number(textOf(retention, "Days") ?? Number.NaN);
    if (isEnabled && !(Number.isInteger(days) && days >= 1 && days <= 365)) {
      throw refuse("InvalidXmlNodeValue");
    }
    store.settings.setRetention(isEnabled ? days : 0);
  }
  store.settings.keep(body);
  answer(call, 202);
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
