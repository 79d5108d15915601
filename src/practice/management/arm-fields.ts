import { Refusal } from "../service-refusal.ts";
import type { Call } from "./arm-call.ts";
import { type ResourceGroup, subscriptionOf } from "./records.ts";
import { LOCATIONS } from "./subscriptions.ts";

/** Azure Resource Manager's id of a resource group. */
export function groupScope(name: string): string {
  return `${subscriptionOf(name)}/resourceGroups/${name}`;
}

/** @throws Refusal `ResourceGroupNotFound` */
export function existingGroup({ records }: Call, name: string): ResourceGroup {
  const group = records.findGroup(name);
  if (group) return group;
  throw new Refusal(404, "ResourceGroupNotFound", `Resource group '${name}' could not be found.`);
}

/**
 * The region of a body's `location`, which may be a display name.
 *
 * @throws Refusal when it is missing or unknown
 */
export function readLocation(location: unknown): string {
  if (typeof location !== "string" || location === "") {
    throw new Refusal(
      400,
      "LocationRequired",
      "The location property is required for this definition.",
    );
  }
  const name = location.toLowerCase().replaceAll(" ", "");
  if (Object.hasOwn(LOCATIONS, name)) return name;
  throw new Refusal(
    400,
    "LocationNotAvailableForResourceGroup",
    `The provided location '${location}' is not available for resource group. List of available ` +
      `regions is '${Object.keys(LOCATIONS).join(",")}'.`,
  );
}

/** @throws Refusal `InvalidRequestContent` for anything but an object of strings */
export function readTags(tags: unknown): Record<string, string> {
  const entries = typeof tags === "object" && tags !== null ? Object.entries(tags) : undefined;
  if (entries?.every(([, value]) => typeof value === "string")) return Object.fromEntries(entries);
  throw new Refusal(400, "InvalidRequestContent", "The tags must be an object of strings.");
}
