/** A built-in role, with patterns of actions. */
export interface RoleDefinition {
  /** Name of the definition, the same in every tenant. */
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly actions: readonly string[];
  readonly notActions?: readonly string[];
  readonly dataActions?: readonly string[];
}

const CONTAINERS = "Microsoft.Storage/storageAccounts/blobServices/containers";

/** Roles for lakes; ids and permissions as in "Azure built-in roles". */
export const ROLE_DEFINITIONS: readonly RoleDefinition[] = [
  {
    id: "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
    name: "Owner",
    description: "Grants full access to manage all resources, including assigning roles.",
    actions: ["*"],
  },
  {
    id: "b24988ac-6180-42a0-ab88-20f7382dd24c",
    name: "Contributor",
    description: "Grants full access to manage all resources, but not to assign roles.",
    actions: ["*"],
    notActions: [
      "Microsoft.Authorization/*/Delete",
      "Microsoft.Authorization/*/Write",
      "Microsoft.Authorization/elevateAccess/Action",
    ],
  },
  {
    id: "acdd72a7-3385-48ef-bd42-f606fba81ae7",
    name: "Reader",
    description: "View all resources, but does not allow you to make any changes.",
    actions: ["*/read"],
  },
  {
    id: "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
    name: "User Access Administrator",
    description: "Lets you manage user access to Azure resources.",
    actions: ["*/read", "Microsoft.Authorization/*"],
  },
  {
    id: "17d1049b-9a84-46fb-8f53-869881c3d3ab",
    name: "Storage Account Contributor",
    description: "Lets you manage storage accounts, including their keys, but not access to them.",
    actions: [
      "Microsoft.Authorization/*/read",
      "Microsoft.Resources/subscriptions/resourceGroups/read",
      "Microsoft.Storage/storageAccounts/*",
    ],
  },
  {
    id: "b7e6dc6d-f1e8-4753-8033-0f276bb0955b",
    name: "Storage Blob Data Owner",
    description: "Full access to blob containers and data, including POSIX access control.",
    actions: [`${CONTAINERS}/*`, generateDelegationKey()],
    dataActions: [`${CONTAINERS}/blobs/*`],
  },
  {
    id: "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
    name: "Storage Blob Data Contributor",
    description: "Read, write and delete blob containers and data.",
    actions: [
      `${CONTAINERS}/delete`,
      `${CONTAINERS}/read`,
      `${CONTAINERS}/write`,
      generateDelegationKey(),
    ],
    dataActions: ["delete", "read", "write", "move/action", "add/action"].map(
      (action) => `${CONTAINERS}/blobs/${action}`,
    ),
  },
  {
    id: "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1",
    name: "Storage Blob Data Reader",
    description: "Read and list blob containers and data.",
    actions: [`${CONTAINERS}/read`, generateDelegationKey()],
    dataActions: [`${CONTAINERS}/blobs/read`],
  },
];

function generateDelegationKey(): string {
  return "Microsoft.Storage/storageAccounts/blobServices/generateUserDelegationKey/action";
}

/** The role of this id, or of this name whatever its case. */
export function findRole(idOrName: string): RoleDefinition | undefined {
  const requested = idOrName.toLowerCase();
  return ROLE_DEFINITIONS.find(
    ({ id, name }) => id === requested || name.toLowerCase() === requested,
  );
}

/** The least privileged general role that allows an operation. */
export function leastRole(action: string): RoleDefinition | undefined {
  return ["Reader", "Contributor", "User Access Administrator", "Owner"]
    .flatMap((name) => findRole(name) ?? [])
    .find((role) => allows(role, action));
}

/** Whether a role allows a management operation; names ignore case. */
export function allows({ actions, notActions = [] }: RoleDefinition, action: string): boolean {
  const matches = (pattern: string) => toExpression(pattern).test(action);
  return actions.some(matches) && !notActions.some(matches);
}

function toExpression(pattern: string): RegExp {
  const escaped = pattern.replace(/[.\\/]/g, "\\$&").replaceAll("*", ".*");
  return new RegExp(`^${escaped}$`, "i");
}
