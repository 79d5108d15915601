import { mkdir } from "node:fs/promises";
import { resolve } from "node:path";
import type { SignInOptions } from "../auth/methods.ts";
import { connect, connected } from "../connect/connection.ts";
import { withPracticeService } from "../connect/practice-cloud.ts";
import { readCommandLine, readPort, readPositive, UsageError } from "../core/command-line.ts";
import { readSettings } from "../core/settings.ts";
import type { PracticeCloud } from "../practice/index.ts";
import { installSail } from "../spark/sail.ts";
import { aborted, type Command, print } from "./command.ts";
import { notedPractice } from "./practice-note.ts";

const FOLDER = resolve(".notelake", "spark");

const METHODS = [
  "client-secret",
  "certificate",
  "device-code",
  "browser",
  "azure-cli",
  "managed-identity",
  "workload-identity",
  "auto",
];

const HELP = `notelake spark

Runs a Spark cluster on this machine, until Ctrl-C: an engine that reads the
lake by itself, in several workers. await connectSpark() in a notebook finds it.
The engine is Sail, brought from PyPI into .notelake/spark/ the first time: a
download of 63 MB, 195 MB on disk. It needs Python 3.9 or later, or uv; no Java.

It reads the practice cloud of notelake lab in this folder, or the one that
NOTELAKE_PRACTICE names, else one of its own; or the cloud of your settings.
It listens on 127.0.0.1 only and asks nobody for a password: on a machine with
other users, they can use it while it runs, and read what it may read.

  --method METHOD  how to sign in whoever it reads as: device-code and browser
                   for a person; in the practice cloud client-secret, which is
                   its service, unless you name one (elsewhere: auto)
  --workers N      workers that share the work (2)
  --port PORT      port to listen on (any free one)
  --install        only bring the engine, for a machine without a network later
`;

export const run: Command["run"] = async (args, signal) => {
  const { values } = readCommandLine("spark", args, {
    options: {
      method: { type: "string" },
      workers: { type: "string", default: "2" },
      port: { type: "string" },
      install: { type: "boolean" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) return print(HELP);
  if (values.method !== undefined && !METHODS.includes(values.method)) {
    throw new UsageError(`--method ${values.method} is none`, `There are ${METHODS.join(", ")}.`);
  }
  if (values.install) {
    await mkdir(FOLDER, { recursive: true, mode: 0o700 });
    await installSail(FOLDER, { say: print, signal });
    return print(`The engine is in ${FOLDER}.`);
  }
  const workers = Math.ceil(readPositive("workers", values.workers));
  const port = values.port === undefined ? 0 : readPort(values.port);
  await using practice = await practiceOfOurOwn();
  await connect();
  const { cloud, practice: description } = await connected();
  const { signInTo } = await import("../auth/sign-in-to.ts");
  const method = values.method ?? (description ? "client-secret" : "auto");
  const asked = { method, signal } as SignInOptions;
  const session = await signInTo(
    cloud,
    description ? withPracticeService(description, asked) : asked,
  );
  const reader = session.account.name;
  const { startLocalCluster } = await import("../spark/local-cluster.ts");
  await using cluster = await startLocalCluster({
    cloud,
    tokens: () => session.getToken(cloud.scopes.storage),
    reader,
    folder: FOLDER,
    isShared: true,
    workers,
    port,
    say: print,
    signal,
  });
  print(`Spark cluster:  ${cluster.url}, ${workers} workers`);
  print(`It reads as:    ${reader}`);
  if (practice) {
    print(`Practice cloud: ${practice.description.pages}, which your notebooks use with`);
    print(`                export NOTELAKE_PRACTICE=${practice.settingsFile}`);
  }
  print("In a notebook:  const spark = await connectSpark();");
  print("Anybody on this machine can use it while it runs. Ctrl-C stops it.");
  const lastWords = await Promise.race([cluster.ended, aborted(signal)]);
  if (signal.aborted) return 0;
  process.stderr.write(`The engine has ended.\n${lastWords ?? ""}\n`);
  return 1;
};

/** Starts a practice cloud in this process when one is needed and none is running. */
async function practiceOfOurOwn(): Promise<PracticeCloud | undefined> {
  const { cloud = "practice" } = readSettings({});
  if (cloud !== "practice" || process.env.NOTELAKE_PRACTICE) return undefined;
  const noted = notedPractice(process.cwd());
  if (noted) {
    process.env.NOTELAKE_PRACTICE = noted;
    return undefined;
  }
  const { startPractice } = await import("../practice/index.ts");
  const started = await startPractice();
  process.env.NOTELAKE_PRACTICE = started.settingsFile;
  return started;
}
