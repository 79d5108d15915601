/** A service that tokens are issued for. */
export interface Resource {
  /** Identifier URIs, without a trailing slash. */
  readonly uris: readonly string[];
  readonly appId: string;
  readonly name: string;
  /** Delegated permission that a user's token carries as `scp`. */
  readonly permission: string;
}

export const MANAGEMENT: Resource = {
  uris: [
    "https://management.azure.com",
    "https://management.core.windows.net",
    "https://management.usgovcloudapi.net",
    "https://management.core.usgovcloudapi.net",
    "https://management.chinacloudapi.cn",
    "https://management.core.chinacloudapi.cn",
  ],
  appId: "797f4846-ba00-4fd7-ba43-dac1f8f63013",
  name: "Windows Azure Service Management API",
  permission: "user_impersonation",
};

export const STORAGE: Resource = {
  uris: ["https://storage.azure.com"],
  appId: "e406a681-f3d4-42a8-90b6-c2b029497af1",
  name: "Azure Storage",
  permission: "user_impersonation",
};

/** An account's URL, which is an audience of storage too. */
const STORAGE_ACCOUNT =
  /^https:\/\/[a-z0-9]{3,24}\.(?:(?:blob|dfs)\.core\.windows|z12\.(?:blob|dfs)\.storage\.azure)\.net$/;

export const GRAPH: Resource = {
  uris: ["https://graph.microsoft.com"],
  appId: "00000003-0000-0000-c000-000000000000",
  name: "Microsoft Graph",
  permission: "User.Read",
};

const RESOURCES: readonly Resource[] = [
  MANAGEMENT,
  STORAGE,
  GRAPH,
  {
    uris: ["https://datalake.azure.net"],
    appId: "e9f49c6b-5ce5-44c8-925d-015017e9f7ad",
    name: "Azure Data Lake",
    permission: "user_impersonation",
  },
  {
    uris: ["https://vault.azure.net"],
    appId: "cfa8b339-82a2-471a-a3c9-0fc0be7a4093",
    name: "Azure Key Vault",
    permission: "user_impersonation",
  },
];

/** The service with this identifier URI (a trailing slash is no difference) or application id. */
export function findResource(identifier: string): Resource | undefined {
  const requested = identifier.replace(/\/+$/, "").toLowerCase();
  if (STORAGE_ACCOUNT.test(requested)) return STORAGE;
  return RESOURCES.find(({ uris, appId }) => uris.includes(requested) || appId === requested);
}
