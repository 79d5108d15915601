#!/usr/bin/env node
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { NotelakeError } from "./core/errors.ts";
import { startLab } from "./kernel/lab.ts";
import { openBrowser } from "./kernel/open-browser.ts";
import { watchOwner } from "./kernel/owner.ts";
import { clientSettings, startPractice, writeDescription } from "./practice/index.ts";
import { runCommand } from "./runner/command.ts";

const HELP = `notelake: Jupyter notebooks in TypeScript for Azure Data Lake Storage

  notelake lab               open the notebooks in JupyterLab, with a practice cloud
  notelake run NOTEBOOK...   run notebooks headless; exit code 1 when one fails
  notelake practice          run the practice cloud by itself
  notelake doctor            check this machine and the cloud, and say what to mend

notelake COMMAND --help says more.
`;

const LAB_HELP = `notelake lab

Starts a practice cloud and JupyterLab with the TypeScript kernel, on this machine only. JupyterLab
is the one on your PATH, else one made in .jupyter/. Ctrl-C stops everything.

  --dir DIR      folder of the notebooks (notebooks/ if there is one, else this folder)
  --port PORT    port of JupyterLab (the first free one from 8888)
  --no-browser   do not open the browser
`;

const PRACTICE_HELP = `notelake practice

Runs a cloud on this machine that plays Microsoft Entra ID, Resource Manager and Data Lake Storage,
until Ctrl-C.

  --dir DIR      keep the lake in DIR (otherwise it is gone afterwards)
  --port PORT    port for https (one that the system picks)
`;

const DOCTOR_HELP = `notelake doctor

Checks Node.js, the kernel, Jupyter, the clock, the cloud that the settings name (the practice cloud
without any) and whether somebody can sign in to it. Exit code 1 when something does not work.
`;

const dir = { type: "string" } as const;
const port = { type: "string" } as const;
const help = { type: "boolean", short: "h" } as const;

async function lab(args: string[], signal: AbortSignal): Promise<number> {
  const { values } = parseArgs({
    args,
    allowNegative: true,
    options: { dir, port, help, browser: { type: "boolean", default: true } },
  });
  if (values.help) return print(LAB_HELP);
  const notebooks = resolve(values.dir ?? (existsSync("notebooks") ? "notebooks" : "."));
  const folder = resolve(".jupyter");
  const description = join(folder, `practice-${process.pid}.json`);
  await mkdir(folder, { recursive: true });
  const practice = await startPractice();
  try {
    writeDescription(description, practice.description);
    const running = await startLab({
      notebooks,
      folder,
      env: { NOTELAKE_PRACTICE: description },
      open: "00-start-here.ipynb",
      say: print,
      signal,
      ...(values.port && { port: portNumber(values.port) }),
    });
    print(`JupyterLab:     ${running.url}`);
    print(`Practice cloud: ${practice.description.pages}`);
    print("Ctrl-C stops both.");
    if (values.browser) openBrowser(running.url);
    await Promise.race([running.ended, aborted(signal)]);
    await running.stop();
    return signal.aborted ? 0 : 1;
  } finally {
    await practice.close();
    await rm(description, { force: true });
  }
}

async function practice(args: string[], signal: AbortSignal): Promise<number> {
  const { values } = parseArgs({ args, options: { dir, port, help } });
  if (values.help) return print(PRACTICE_HELP);
  const cloud = await startPractice({
    ...(values.dir && { dir: resolve(values.dir) }),
    ...(values.port && { port: portNumber(values.port) }),
  });
  const folder = await mkdtemp(join(tmpdir(), "notelake-practice-cli-"));
  try {
    const file = join(folder, "practice.json");
    const ca = join(folder, "ca.pem");
    writeDescription(file, cloud.description);
    await writeFile(ca, cloud.description.ca);
    const { origin, pages, account, tenantId, users } = cloud.description;
    print(`Authority, Resource Manager, storage: ${origin}
Pages for people, metadata service:   ${pages}
CA certificate:                       ${ca}
Tenant:                               ${tenantId}
Storage account:                      ${account}
People:                               ${users.join(", ")}

A program of yours uses it with:  NOTELAKE_PRACTICE=${file}
Any program of the Azure SDKs, once it switches instance discovery off, with:

${clientSettings(cloud.description, ca)}

Ctrl-C stops it.`);
    await aborted(signal);
  } finally {
    await cloud.close();
    await rm(folder, { recursive: true });
  }
  return 0;
}

async function doctor(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options: { help } });
  if (values.help) return print(DOCTOR_HELP);
  const [{ doctor: check }, { doctorReport }] = await Promise.all([
    import("./connect/doctor.ts"),
    import("./show/doctor-report.ts"),
  ]);
  const checks = await check();
  print(doctorReport(checks)["text/plain"]);
  return checks.some(({ state }) => state === "failed") ? 1 : 0;
}

function portNumber(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number > 0 && number < 65_536) return number;
  const error = new Error(`--port ${text} is no port: it takes a number from 1 to 65535`);
  throw Object.assign(error, { code: "ERR_PARSE_ARGS_VALUE" });
}

function print(text: string): number {
  process.stdout.write(text.endsWith("\n") ? text : `${text}\n`);
  return 0;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) done();
    signal.addEventListener("abort", () => done(), { once: true });
  });
}

const COMMANDS: Readonly<Record<string, (args: string[], signal: AbortSignal) => Promise<number>>> =
  { lab, practice, doctor, run: runCommand };

/** Runs a command line; answers the exit code: 0, 1 for a failure, 2 for a wrong command line. */
async function main([name = "--help", ...args]: string[]): Promise<number> {
  if (name === "--help" || name === "-h") return print(HELP);
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command) {
    process.stderr.write(`notelake has no command ${name}\n\n${HELP}`);
    return 2;
  }
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => stop.abort());
  // npm passes SIGTERM on to its shell, which ends without passing it on.
  if (process.env.npm_lifecycle_event) watchOwner(() => stop.abort());
  try {
    return await command(args, stop.signal);
  } catch (error) {
    if (stop.signal.aborted) return 0;
    const { code, message } = error as { code?: string; message: string };
    if (code?.startsWith("ERR_PARSE_ARGS")) {
      process.stderr.write(`${message}\n\nnotelake ${name} --help says how it is used.\n`);
      return 2;
    }
    process.stderr.write(`${error instanceof NotelakeError ? error : (error as Error).stack}\n`);
    return 1;
  }
}

main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
