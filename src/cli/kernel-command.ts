import { resolve } from "node:path";
import { readCommandLine, UsageError } from "../core/command-line.ts";
import { nearNames } from "../core/near-names.ts";
import {
  type InstalledKernel,
  installKernel,
  listKernels,
  uninstallKernel,
} from "../kernel/installed-kernels.ts";
import {
  activePrefix,
  dataFolders,
  prefixDataFolder,
  userDataFolder,
} from "../kernel/jupyter-paths.ts";
import { KERNEL_NAME } from "../kernel/kernelspec.ts";
import { print } from "./command.ts";

const HELP = `notelake kernel install | uninstall | list

Lets every Jupyter of this machine find the TypeScript kernel: JupyterLab,
Jupyter Notebook, nbclient, Visual Studio Code. notelake lab works without it.

  install         install the kernel, or bring it up to date
  uninstall       remove what install wrote, and nothing else
  list            say where kernels of notelake are, and which still start

  --user          for you alone, in Jupyter's own data folder (the default)
  --prefix DIR    in DIR/share/jupyter, such as /usr/local for every user
  --sys-prefix    in the Python environment that is activated (venv or conda)
  --name NAME     another name than ${KERNEL_NAME}, for kernels of several projects
  --display-name TEXT    what front ends show
`;

const ACTIONS = { install, uninstall, list } as const;
const ACTION_NAMES = Object.keys(ACTIONS).join(", ");

interface Choice {
  /** The data folder of Jupyter to use; absent when the command line names none. */
  readonly dir?: string;
  readonly name?: string;
  readonly displayName?: string;
}

export async function run(args: string[]): Promise<number> {
  const { values, positionals } = readCommandLine("kernel", args, {
    allowPositionals: true,
    options: {
      user: { type: "boolean" },
      prefix: { type: "string" },
      "sys-prefix": { type: "boolean" },
      name: { type: "string" },
      "display-name": { type: "string" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) return print(HELP);
  const [action = "", ...more] = positionals;
  if (!Object.hasOwn(ACTIONS, action) || more.length > 0) {
    const [near] = nearNames(Object.keys(ACTIONS), action);
    throw new UsageError(
      action === "" || more.length > 0
        ? `notelake kernel takes one of: ${ACTION_NAMES}`
        : `notelake kernel cannot ${action}. ${near ? `Did you mean ${near}?` : `It can ${ACTION_NAMES}.`}`,
      "See: npx notelake kernel --help",
    );
  }
  const { user, prefix, "sys-prefix": sysPrefix, name, "display-name": displayName } = values;
  if (name !== undefined) checkName(name);
  const dir = chosenFolder(user, prefix, sysPrefix);
  return await ACTIONS[action as keyof typeof ACTIONS]({
    ...(dir !== undefined && { dir }),
    ...(name !== undefined && { name }),
    ...(displayName !== undefined && { displayName }),
  });
}

async function install({ dir = userDataFolder(), ...names }: Choice): Promise<number> {
  const folder = await installKernel(dir, names);
  const [kernel] = (await listKernels([dir])).filter((one) => one.folder === folder);
  print(`Installed: ${kernel?.displayName}\n  ${folder}`);
  print("A JupyterLab or Visual Studio Code that is open shows it after a reload.");
  if (!dataFolders().includes(dir)) {
    print(`A Jupyter outside of that prefix finds it with JUPYTER_PATH=${dir}`);
  }
  if (/[\\/]_npx[\\/]/.test(kernel?.launcher ?? "")) {
    print(
      "It starts this notelake from npm's cache, which npm may empty at any time:\n" +
        "install notelake in a project (npm i notelake) and run this again there.",
    );
  }
  return 0;
}

async function uninstall({ dir = userDataFolder(), name = KERNEL_NAME }: Choice): Promise<number> {
  const folder = await uninstallKernel(dir, name);
  if (folder) return print(`Removed: ${folder}`);
  print(`There is no kernel ${name} of notelake in ${dir}: nothing was removed.`);
  const others = (await listKernels(dataFolders())).filter((one) => one.name === name);
  for (const other of others) print(`One is in ${other.folder}`);
  return 0;
}

async function list({ dir, name }: Choice): Promise<number> {
  const dirs = dir === undefined ? dataFolders() : [dir];
  const kernels = (await listKernels(dirs)).filter(
    (one) => name === undefined || one.name === name,
  );
  if (kernels.length === 0) {
    return print(
      `No kernel of notelake is installed in\n${dirs.map((one) => `  ${one}`).join("\n")}\n` +
        "To install it: npx notelake kernel install",
    );
  }
  return print(kernels.map(describe).join("\n\n"));
}

function describe({ name, displayName, folder, node, launcher, missing }: InstalledKernel): string {
  const state = (path: string) => (missing.includes(path) ? `${path}  (is gone)` : path);
  const works = missing.length === 0;
  return [
    `${works ? "✓" : "✕"} ${name}: ${displayName}`,
    `  folder    ${folder}`,
    `  Node.js   ${state(node)}`,
    `  launcher  ${state(launcher)}`,
    ...(works ? [] : ["  It cannot start any more: install it again, or uninstall it."]),
  ].join("\n");
}

/** @throws UsageError unless Jupyter accepts it as the name of a kernel */
function checkName(name: string): void {
  if (/^[a-z0-9._-]+$/.test(name) && !/^\.+$/.test(name)) return;
  throw new UsageError(
    `--name ${name} is no name for a kernel`,
    "Jupyter takes small letters, digits, dots, dashes and underscores.",
  );
}

function chosenFolder(
  user: boolean | undefined,
  prefix: string | undefined,
  sysPrefix: boolean | undefined,
): string | undefined {
  if ([user, prefix !== undefined, sysPrefix].filter(Boolean).length > 1) {
    throw new UsageError("--user, --prefix and --sys-prefix exclude each other");
  }
  if (user) return userDataFolder();
  if (prefix === "") throw new UsageError("--prefix needs a folder");
  if (prefix !== undefined) return prefixDataFolder(resolve(prefix));
  if (!sysPrefix) return undefined;
  const active = activePrefix();
  if (active) return prefixDataFolder(active);
  throw new UsageError(
    "no Python environment is activated here",
    "Activate it (venv or conda), or name its folder with --prefix.",
  );
}
