/** An application in the tenant. */
export interface Application {
  readonly clientId: string;
  readonly name: string;
  readonly kind: "public" | "confidential";
  /** Object id of its service principal in the tenant. */
  readonly objectId: string;
}

/** The public client of notebooks. */
export const NOTEBOOK_APP: Application = {
  clientId: "40b1ab1e-11ab-4a11-9b00-c0de00000001",
  name: "notelake",
  kind: "public",
  objectId: "40b1ab1e-11ab-4a11-9b00-c0de000000a1",
};

/** The confidential client of services. */
export const SERVICE_APP: Application = {
  clientId: "5e441ce0-11ab-4a11-9b00-c0de00000002",
  name: "notelake-service",
  kind: "confidential",
  objectId: "5e441ce0-11ab-4a11-9b00-c0de000000a2",
};

/** Microsoft's own clients, which have these ids in every tenant. */
const FIRST_PARTY: readonly Application[] = [
  {
    clientId: "04b07795-8ddb-461a-bbee-02f9e1bf7b46",
    name: "Microsoft Azure CLI",
    kind: "public",
    objectId: "04b07795-11ab-4a11-9b00-c0de000000a3",
  },
  {
    clientId: "1950a258-227b-4e31-a9cf-717495945fc2",
    name: "Microsoft Azure PowerShell",
    kind: "public",
    objectId: "1950a258-11ab-4a11-9b00-c0de000000a4",
  },
];

export const APPLICATIONS: readonly Application[] = [NOTEBOOK_APP, SERVICE_APP, ...FIRST_PARTY];

export function findApplication(clientId: string): Application | undefined {
  return APPLICATIONS.find((app) => app.clientId === clientId.toLowerCase());
}
