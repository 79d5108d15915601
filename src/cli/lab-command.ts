import { spawn } from "node:child_process";
import { cpSync, existsSync, readdirSync, statSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { readCommandLine, readPort, UsageError } from "../core/command-line.ts";
import { startLab } from "../kernel/start-lab.ts";
import { aborted, print } from "./command.ts";
import { notePractice } from "./practice-note.ts";

const HELP = `notelake lab

Starts a practice cloud and JupyterLab with the TypeScript kernel, on this
machine only. JupyterLab is the one on your PATH, else one made in .jupyter/.
Where tslab is installed beside the notebooks, its kernel is offered too.
Ctrl-C stops everything.

  --dir DIR      folder of the notebooks (notebooks/ if there is one, else this)
  --tutorials    the tutorials of notelake, in a copy of your own in tutorials/;
                 what is there already stays as it is
  --port PORT    port of JupyterLab (the first free one from 8888)
  --no-browser   do not open the browser
`;

export async function run(args: string[], signal: AbortSignal): Promise<number> {
  const { values } = readCommandLine("lab", args, {
    allowNegative: true,
    options: {
      dir: { type: "string" },
      tutorials: { type: "boolean" },
      port: { type: "string" },
      help: { type: "boolean", short: "h" },
      browser: { type: "boolean", default: true },
    },
  });
  if (values.help) return print(HELP);
  const port = values.port === undefined ? undefined : readPort(values.port);
  const usual = existsSync("notebooks") ? "notebooks" : ".";
  const notebooks = resolve(values.dir ?? (values.tutorials ? copyTutorials() : usual));
  if (!statSync(notebooks, { throwIfNoEntry: false })?.isDirectory()) {
    throw new UsageError(`there is no folder ${notebooks}`, "Name the folder with --dir.");
  }
  const folder = resolve(".jupyter");
  await mkdir(folder, { recursive: true });
  const { startPractice } = await import("../practice/index.ts");
  const practice = await startPractice({ keepPersonSignedIn: true });
  const forget = await notePractice(resolve("."), practice.settingsFile);
  try {
    const lab = await startLab({
      notebooks,
      folder,
      env: { NOTELAKE_PRACTICE: practice.settingsFile },
      open: "00-start-here.ipynb",
      say: print,
      signal,
      ...(port !== undefined && { port }),
    });
    print(`JupyterLab:     ${lab.url}`);
    print(`Practice cloud: ${practice.description.pages}`);
    print("Ctrl-C stops both.");
    if (values.browser) openBrowser(lab.url);
    await Promise.race([lab.ended, aborted(signal)]);
    await lab.stop();
    return signal.aborted ? 0 : 1;
  } finally {
    await forget();
    await practice.close();
  }
}

const TUTORIALS = fileURLToPath(new URL("../../notebooks/", import.meta.url));

/** JupyterLab saves what it runs: so it gets a copy, which stays whatever was done to it. */
function copyTutorials(): string {
  const copy = "tutorials";
  for (const name of readdirSync(TUTORIALS)) {
    if (!name.endsWith(".ipynb")) continue;
    cpSync(join(TUTORIALS, name), join(copy, name), { force: false });
  }
  print(`Tutorials:      your copies in ${copy}/; delete one to have it anew`);
  return copy;
}

const COMMANDS: Partial<Record<NodeJS.Platform, string[]>> = {
  darwin: ["open"],
  win32: ["cmd", "/c", "start", ""],
};

/** Opens an address in the default browser. Does nothing where there is no desktop. */
function openBrowser(url: string, env: NodeJS.ProcessEnv = process.env): void {
  const [command = "xdg-open", ...args] = COMMANDS[process.platform] ?? [];
  const desktop = env.DISPLAY || env.WAYLAND_DISPLAY || env.WSL_DISTRO_NAME;
  if (command === "xdg-open" && !desktop) return;
  spawn(command, [...args, url], { stdio: "ignore", detached: true })
    .on("error", () => {})
    .unref();
}
