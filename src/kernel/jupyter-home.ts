import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { KERNEL_NAME, writeKernelspec } from "./kernelspec.ts";
import { offerTslab, TSLAB_NAME, type Tslab } from "./tslab-kernel.ts";

/** JupyterLab's folders and environment. */
export interface JupyterHome {
  /** `.jupyter` of the checkout. */
  readonly folder: string;
  /** Folder of run-time files, readable by its owner only. */
  readonly runtime: string;
  /** Variables that make Jupyter use `folder` only. */
  readonly env: Readonly<Record<string, string>>;
  /** The kernel of tslab, if installed. */
  readonly tslab: Tslab | undefined;
}

export interface ServerSettings {
  /** Folder that the file browser shows. */
  readonly notebooks: string;
  /** Path that the browser opens, such as `/lab/tree/00-start-here.ipynb`. */
  readonly defaultUrl: string;
}

/** Default settings of JupyterLab, which its settings editor overrides. */
const LAB_SETTINGS = {
  "@jupyterlab/apputils-extension:notification": {
    checkForUpdates: false,
    fetchNews: "false",
  },
  "@jupyterlab/apputils-extension:themes": { "adaptive-theme": true },
  "@jupyterlab/filebrowser-extension:browser": { navigateToCurrentDirectory: true },
};

/** JupyterLab breaks the lines of errors and printed text anywhere; a word is to stay whole if it fits. */
const STYLE =
  ".jp-OutputArea .jp-OutputArea-output pre { word-break: normal; overflow-wrap: anywhere; }\n";

const PAGE_CONFIG = {
  disabledExtensions: {
    "@jupyterlab/apputils-extension:announcements": true,
    "@jupyterlab/extensionmanager-extension": true,
  },
};

/**
 * Creates or updates JupyterLab's folder: kernelspec, settings and a style rule, without news,
 * updates and extensions from the network.
 */
export async function prepareJupyterHome(
  folder: string,
  { notebooks, defaultUrl }: ServerSettings,
): Promise<JupyterHome> {
  const config = join(folder, "config");
  const runtime = join(folder, "runtime");
  await mkdir(runtime, { recursive: true, mode: 0o700 });
  await writeKernelspec(join(folder, "share"));
  const tslab = await offerTslab(join(folder, "share"), notebooks);
  await writeJson(config, "jupyter_server_config.json", {
    ServerApp: {
      ip: "127.0.0.1",
      port_retries: 0,
      open_browser: false,
      root_dir: notebooks,
      allow_remote_access: false,
      // For one user on one machine, in a container perhaps root.
      allow_root: true,
    },
    LabApp: {
      default_url: defaultUrl,
      extension_manager: "readonly",
      news_url: null,
      custom_css: true,
      check_for_updates_class: "jupyterlab.handlers.announcements.NeverCheckForUpdate",
    },
    KernelSpecManager: { allowed_kernelspecs: [KERNEL_NAME, ...(tslab ? [TSLAB_NAME] : [])] },
    MultiKernelManager: { default_kernel_name: KERNEL_NAME },
  });
  await writeJson(join(config, "labconfig"), "default_setting_overrides.json", LAB_SETTINGS);
  await writeJson(join(config, "labconfig"), "page_config.json", PAGE_CONFIG);
  await mkdir(join(config, "custom"), { recursive: true });
  await writeFile(join(config, "custom", "custom.css"), STYLE);
  return {
    folder,
    runtime,
    tslab,
    env: {
      JUPYTER_PATH: join(folder, "share"),
      JUPYTER_CONFIG_DIR: config,
      JUPYTER_CONFIG_PATH: "",
      JUPYTER_DATA_DIR: join(folder, "data"),
      JUPYTER_RUNTIME_DIR: runtime,
      IPYTHONDIR: join(folder, "ipython"),
      PYTHONDONTWRITEBYTECODE: "1",
    },
  };
}

async function writeJson(folder: string, name: string, content: object): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, name), `${JSON.stringify(content, null, 2)}\n`);
}
