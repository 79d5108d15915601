/**
 * What a client needs to reach a running practice cloud; also the content of its settings file,
 * which `NOTELAKE_PRACTICE` may name.
 */
export interface PracticeDescription {
  /** `https://127.0.0.1:PORT`: authority, Resource Manager and path-style storage. */
  readonly origin: string;
  /** Port of `origin`; any Azure host name with this port works too, given a lookup. */
  readonly port: number;
  /** `http://127.0.0.1:PORT`: the pages for people, and the instance metadata service. */
  readonly pages: string;
  /** PEM certificate of the authority that signed the server's certificate. */
  readonly ca: string;
  readonly tenantId: string;
  readonly subscriptionId: string;
  /** Storage account seeded from `data/`. */
  readonly account: string;
  /** Public client application that people sign in to. */
  readonly clientId: string;
  /** Users who can sign in, as `ada@contoso.com`. */
  readonly users: readonly string[];
  /** The application that signs in without a person. */
  readonly service: PracticeService;
}

/**
 * Credentials of the practice cloud's own service application. They are random, good for this
 * practice cloud only, and open nothing but practice data: that alone is why they are handed out.
 */
export interface PracticeService {
  readonly clientId: string;
  readonly clientSecret: string;
}

/** How to start a practice cloud. */
export interface PracticeOptions {
  /** Folder that seeds the lake; read, never written. Default: the package's `data/`. */
  seed?: string;
  /** Folder that keeps the lake across runs. Default: a temporary one, removed on `close`. */
  dir?: string;
  /** Port for https. Default: one that the system picks. */
  port?: number;
  /**
   * Sign device codes in as this user after one pending poll, for runs where nobody can type;
   * a user principal name such as `ada@contoso.com`.
   */
  approveDeviceCodesAs?: string;
  /** Let the process end although the cloud still listens; what was temporary goes with it. */
  background?: boolean;
}

/** A running practice cloud. */
export interface PracticeCloud {
  readonly description: PracticeDescription;
  /** Stops listening, ends open connections and removes what was temporary. */
  close(): Promise<void>;
}
