export const TENANT = {
  id: "7a1c5e8d-0b52-4c7e-9f7d-3d1c2b4a6e10",
  name: "Contoso",
  domains: ["contoso.com", "contoso.onmicrosoft.com"],
} as const;

export const SUBSCRIPTION = {
  id: "c0ffee00-1a2b-4c3d-8e4f-5a6b7c8d9e0f",
  name: "Contoso practice",
} as const;

/** A second subscription, in which Ada has read access only. */
export const ARCHIVE = {
  id: "c0ffee01-1a2b-4c3d-8e4f-5a6b7c8d9e0f",
  name: "Contoso archive",
  /** Its only resource group; the name is unique in both subscriptions. */
  group: { name: "contoso-archive", location: "northeurope" },
  /** Its storage account, seeded from `data/Archive/`. */
  account: "contosoarchive",
} as const;

/** Resource group that holds the seeded storage account. */
export const RESOURCE_GROUP = { name: "notelake-practice", location: "westeurope" } as const;

/** Storage account seeded from `data/`. */
export const STORAGE_ACCOUNT = "contosolake";

/** Tenant aliases for "the user's tenant". */
const ANY_TENANT = ["organizations", "common"];

/**
 * Whether a path segment is the tenant itself, an alias for any, or unknown.
 *
 * @param segment as the path has it, unescaped
 */
export function resolveTenant(segment: string): "own" | "any" | "unknown" {
  const name = segment.toLowerCase();
  if (name === TENANT.id || TENANT.domains.some((domain) => domain === name)) return "own";
  return ANY_TENANT.includes(name) ? "any" : "unknown";
}
