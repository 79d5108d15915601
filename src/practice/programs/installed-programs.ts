import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { extname, join } from "node:path";
import { type SessionSeal, sealSession } from "../authority/sessions.ts";
import { findUser } from "../directory/people.ts";
import { SUBSCRIPTION, TENANT } from "../directory/tenant.ts";
import { writePrivate } from "../private-file.ts";
import { quote } from "../settings/shell-quote.ts";
import type { ProgramHome, ProgramSession } from "./program-session.ts";

/** Tools with their own sign-in, which the practice cloud has stand-ins for. */
export const PROGRAM_NAMES = ["az", "azd", "pwsh"] as const;
/** The name of one of them. */
export type ProgramName = (typeof PROGRAM_NAMES)[number];

/** Client ids of the real tools. */
const CLIENT_IDS: Readonly<Record<ProgramName, string>> = {
  az: "04b07795-8ddb-461a-bbee-02f9e1bf7b46",
  azd: "04b07795-8ddb-461a-bbee-02f9e1bf7b46",
  pwsh: "1950a258-227b-4e31-a9cf-717495945fc2",
};

export interface ProgramsOptions {
  /** Folder of the practice cloud. */
  readonly dir: string;
  /** `https://127.0.0.1:PORT` of the authority. */
  readonly origin: string;
  readonly caFile: string;
  readonly seal: SessionSeal;
}

/**
 * The stand-ins for `az`, `azd` and `pwsh`: real programs in a folder for the front of `PATH`, who
 * keep a refresh token in a file as the ones they play do. Nobody is signed in at first.
 */
export class Programs {
  /** Folder that holds the programs. */
  readonly folder: string;
  readonly #sessions: string;
  readonly #options: ProgramsOptions;

  /** @internal */
  constructor(options: ProgramsOptions) {
    this.#options = options;
    this.folder = join(options.dir, "programs");
    this.#sessions = join(options.dir, "sessions");
    for (const folder of [this.folder, this.#sessions]) {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
    }
    for (const name of PROGRAM_NAMES) {
      // Signed out, whatever an earlier run left.
      this.signOut(name);
      this.#tell(name);
      this.#write(name);
    }
    this.#write("browser");
  }

  /**
   * Signs a practice user in to a program, as that program's own login command would.
   *
   * @throws RangeError when there is no such user
   */
  async signIn(program: ProgramName, name: string): Promise<void> {
    const user = findUser(name);
    if (!user) throw new RangeError(`nobody in the practice directory is called ${name}`);
    const clientId = CLIENT_IDS[program];
    const methods = ["pwd", "mfa"];
    const session = { userId: user.id, clientId, methods, at: Date.now() };
    const refreshToken = await sealSession(this.#options.seal, session);
    const content: ProgramSession = { user: user.upn, refreshToken };
    writePrivate(this.#sessionFile(program), JSON.stringify(content));
  }

  /** Forgets who is signed in to a program. */
  signOut(program: ProgramName): void {
    rmSync(this.#sessionFile(program), { force: true });
  }

  /** Whether somebody is signed in to a program. */
  isSignedIn(program: ProgramName): boolean {
    return existsSync(this.#sessionFile(program));
  }

  /** Who is signed in: the session file of each program, null for nobody. @internal */
  snapshot(): Partial<Record<ProgramName, string | null>> {
    const sessions = PROGRAM_NAMES.map((name) => {
      const file = this.#sessionFile(name);
      return [name, existsSync(file) ? readFileSync(file, "utf8") : null];
    });
    return Object.fromEntries(sessions) as Partial<Record<ProgramName, string | null>>;
  }

  /** @internal */
  restore(sessions: Partial<Record<ProgramName, string | null>>): void {
    for (const name of PROGRAM_NAMES) {
      const session = sessions[name] ?? null;
      if (session === null) this.signOut(name);
      else writePrivate(this.#sessionFile(name), session);
    }
  }

  #sessionFile(program: string): string {
    return join(this.#sessions, `${program}.json`);
  }

  /** Writes the settings of a program. */
  #tell(program: ProgramName): void {
    const home: ProgramHome = {
      origin: this.#options.origin,
      tenantId: TENANT.id,
      subscriptionId: SUBSCRIPTION.id,
      subscriptionName: SUBSCRIPTION.name,
      clientId: CLIENT_IDS[program],
    };
    writePrivate(this.#homeFile(program), JSON.stringify(home));
  }

  #homeFile(program: string): string {
    return join(this.#sessions, `${program}-home.json`);
  }

  /** A shell script, as tools are found by name on `PATH`. */
  #write(name: ProgramName | "browser"): void {
    const file = join(this.folder, name);
    // Modules have another extension in the published package.
    const module = name === "browser" ? "practice-browser" : name;
    const main = join(import.meta.dirname, `${module}${extname(import.meta.filename)}`);
    const words = [process.execPath, "--disable-warning=ExperimentalWarning", main];
    const script = [
      "#!/bin/sh",
      "# Stand-in of a notelake practice cloud. It reaches that practice cloud and nothing else.",
      `NODE_EXTRA_CA_CERTS=${quote(this.#options.caFile)} \\`,
      `NOTELAKE_PRACTICE_HOME=${quote(this.#homeFile(name))} \\`,
      `NOTELAKE_PRACTICE_SESSION=${quote(this.#sessionFile(name))} \\`,
      // In the background, as a browser returns at once.
      name === "browser"
        ? `${words.map(quote).join(" ")} "$@" >/dev/null 2>&1 &`
        : `exec ${words.map(quote).join(" ")} "$@"`,
      "",
    ];
    writeFileSync(file, script.join("\n"), { mode: 0o700 });
    chmodSync(file, 0o700);
  }
}
