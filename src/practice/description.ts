/**
 * What a client needs to reach a running practice cloud; also the content of its settings file,
 * which `NOTELAKE_PRACTICE` may name.
 */
export interface PracticeDescription {
  /** `https://127.0.0.1:PORT`: authority, Resource Manager and path-style storage. */
  readonly origin: string;
  /** Port of `origin`; any Azure host name with this port works too, given a lookup. */
  readonly port: number;
  /**
   * `http://127.0.0.1:PORT`: the pages for people, the instance metadata service, and a proxy that
   * leads Azure's host names to the practice cloud and all others nowhere (`HTTPS_PROXY`).
   */
  readonly pages: string;
  /** PEM certificate of the authority that signed the server's certificate. */
  readonly ca: string;
  /** PEM file with `ca`, as `NODE_EXTRA_CA_CERTS` and `REQUESTS_CA_BUNDLE` name it. */
  readonly caFile: string;
  readonly tenantId: string;
  readonly subscriptionId: string;
  /** Storage account seeded from `data/`. */
  readonly account: string;
  /** Public client application that people sign in to. */
  readonly clientId: string;
  /** Users who can sign in, as `ada@contoso.com`. */
  readonly users: readonly string[];
  /** Security groups, for access lists and roles; members are named, groups among them too. */
  readonly groups: readonly PracticeGroup[];
  /** The application that signs in without a person, by its secret. */
  readonly service: PracticeService;
  /** PEM file with the service application's certificate and private key; for its owner only. */
  readonly certificateFile: string;
  /** Files with the account's key, its connection string, and the service application's secret. */
  readonly keyFiles: KeyFiles;
  /**
   * File with a token that the service application's federated credential accepts, kept fresh as a
   * Kubernetes cluster keeps it: what `AZURE_FEDERATED_TOKEN_FILE` names.
   */
  readonly federatedTokenFile: string;
  /**
   * Folder with stand-ins for `az`, `azd`, `pwsh` and for a browser, to be put at the front of
   * `PATH`. Nobody is signed in to them at first: `PUT PAGES/practice/programs/az`.
   */
  readonly programs: string;
  /** Where the instance metadata service is, by the machine that a program is to run on. */
  readonly metadata: {
    /** Takes connections and never answers, as on most networks outside Azure. */
    readonly laptop: string;
    /** Answers, and has the identities below. */
    readonly virtualMachine: string;
  };
  /** The machine's own identity, and one that was assigned to it. */
  readonly identities: { readonly system: PracticeIdentity; readonly user: PracticeIdentity };
  /** What App Service would put into `IDENTITY_ENDPOINT` and `IDENTITY_HEADER`. */
  readonly appService: { readonly endpoint: string; readonly header: string };
}

/**
 * Credentials of the practice cloud's own service application. They are random, good for this
 * practice cloud only, and open nothing but practice data: that alone is why they are handed out.
 */
export interface PracticeService {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** Files with what settings name and do not show, each for its owner only. */
export interface KeyFiles {
  /** The first key of the seeded storage account, in base64. */
  readonly accountKey: string;
  /** What Azure's portal shows as connection string of that account. */
  readonly connectionString: string;
  /** The secret of the service application. */
  readonly clientSecret: string;
}

/** A security group of the practice directory. */
export interface PracticeGroup {
  /** Object id, as an access list names it. */
  readonly id: string;
  readonly name: string;
  /** Names of the users and groups in it. */
  readonly members: readonly string[];
}

/** A managed identity of the practice machine, under each name that a request may use. */
export interface PracticeIdentity {
  readonly clientId: string;
  readonly objectId: string;
  readonly resourceId: string;
}
