import { homedir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { JupyterError } from "./jupyter-error.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Data folder of a user, with kernels in it: what `jupyter --data-dir` prints.
 *
 * @throws JupyterError `NO_HOME` when neither the environment nor the system has a home folder
 */
export function userDataFolder(
  env: Environment = process.env,
  platform: NodeJS.Platform = process.platform,
): string {
  if (env.JUPYTER_DATA_DIR) return resolve(env.JUPYTER_DATA_DIR);
  if (platform === "win32" && env.APPDATA) return join(env.APPDATA, "jupyter");
  if (platform === "darwin") return join(home(env), "Library", "Jupyter");
  if (platform === "win32") return join(home(env), ".jupyter", "data");
  return join(env.XDG_DATA_HOME || join(home(env), ".local", "share"), "jupyter");
}

/** Data folder below a prefix such as `/usr/local` or a Python environment. */
export function prefixDataFolder(prefix: string): string {
  return resolve(prefix, "share", "jupyter");
}

/** The active Python environment; undefined when there is none. */
export function activePrefix(env: Environment = process.env): string | undefined {
  return env.VIRTUAL_ENV || env.CONDA_PREFIX || undefined;
}

/** All data folders of Jupyter, in its order. */
export function dataFolders(
  env: Environment = process.env,
  platform: NodeJS.Platform = process.platform,
): string[] {
  const active = activePrefix(env);
  const system =
    platform === "win32"
      ? [env.PROGRAMDATA && join(env.PROGRAMDATA, "jupyter")]
      : ["/usr/local/share/jupyter", "/usr/share/jupyter"];
  const folders = [
    ...(env.JUPYTER_PATH ?? "").split(delimiter),
    active && prefixDataFolder(active),
    userDataFolder(env, platform),
    ...system,
  ];
  return [
    ...new Set(folders.filter((folder) => folder !== undefined && folder !== "")),
  ] as string[];
}

function home(env: Environment): string {
  try {
    const folder = env.HOME || env.USERPROFILE || homedir();
    if (folder) return folder;
  } catch {
    // A user without an entry in the user database.
  }
  throw new JupyterError("NO_HOME", "this user has no home folder for Jupyter to look in", {
    hint: "Set HOME, or JUPYTER_DATA_DIR to a folder that you may write to.",
  });
}
