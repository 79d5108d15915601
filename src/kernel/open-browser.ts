import { spawn } from "node:child_process";

const COMMANDS: Partial<Record<NodeJS.Platform, string[]>> = {
  darwin: ["open"],
  win32: ["cmd", "/c", "start", ""],
};

/** Opens an address in the person's browser; where there is no desktop nothing happens. */
export function openBrowser(url: string, env: NodeJS.ProcessEnv = process.env): void {
  const [command = "xdg-open", ...args] = COMMANDS[process.platform] ?? [];
  const desktop = env.DISPLAY || env.WAYLAND_DISPLAY || env.WSL_DISTRO_NAME;
  if (command === "xdg-open" && !desktop) return;
  spawn(command, [...args, url], { stdio: "ignore", detached: true })
    .on("error", () => {})
    .unref();
}
