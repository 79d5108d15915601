import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** Newest ABI that every Node.js can load that the package runs on: that of Node.js 22. */
const ABI = 127;

/** Where DuckDB and TypeScript run too. */
const PLATFORMS = [
  { os: "linux", arch: "x64", libc: "glibc" },
  { os: "linux", arch: "x64", libc: "musl" },
  { os: "linux", arch: "arm64", libc: "glibc" },
  { os: "linux", arch: "arm64", libc: "musl" },
  { os: "darwin", arch: "x64", libc: "libc" },
  { os: "darwin", arch: "arm64", libc: "libc" },
  { os: "win32", arch: "x64", libc: "msvc" },
  { os: "win32", arch: "arm64", libc: "msvc" },
];

/** A build of zeromq's addon, as a key of its manifest describes it. */
interface AddonBuild {
  readonly os: string;
  readonly arch: string;
  readonly libc: string;
  readonly abi: number;
}

/**
 * Copies zeromq and esbuild into `dist/node_modules`, where the files of `dist` find them before any
 * other: as dependencies they have scripts that run at the installation, which package managers
 * refuse or ask about, and which here have nothing to do. Of zeromq's builds for older Node.js,
 * three quarters of its weight, none comes along.
 *
 * @returns the folders of the packages that have been copied, relative to `root`
 */
export async function vendor(root: string, dist: string): Promise<string[]> {
  const from = join(root, "node_modules");
  const to = join(dist, "node_modules");
  await copyPackage(join(from, "zeromq"), join(to, "zeromq"), [
    "lib",
    "LICENSE.txt",
    "LICENSE_MPL-2.0.txt",
  ]);
  await copyAddons(join(from, "zeromq/build"), join(to, "zeromq/build"));
  await cp(join(root, "build/stand-ins/zeromq-addon.cjs"), join(to, "zeromq/lib/load-addon.js"));
  await copyPackage(join(from, "esbuild"), join(to, "esbuild"), ["lib/main.js", "LICENSE.md"]);
  return ["node_modules/zeromq", "node_modules/esbuild"];
}

async function copyPackage(from: string, to: string, parts: readonly string[]): Promise<void> {
  const { name, version, license, main } = JSON.parse(
    await readFile(join(from, "package.json"), "utf8"),
  );
  for (const part of parts) {
    await mkdir(dirname(join(to, part)), { recursive: true });
    await cp(join(from, part), join(to, part), {
      recursive: true,
      filter: (path) => !/\.(map|tsbuildinfo|d\.ts)$|ts3\.7$/.test(path),
    });
  }
  const facts = { name, version, license, type: "commonjs", main };
  await writeFile(join(to, "package.json"), `${JSON.stringify(facts, null, 2)}\n`);
}

async function copyAddons(from: string, to: string): Promise<void> {
  const manifest: Record<string, string> = JSON.parse(
    await readFile(join(from, "manifest.json"), "utf8"),
  );
  const builds = Object.entries(manifest).map(([key, path]) => {
    const build: AddonBuild = JSON.parse(key);
    return { ...build, path: path.replaceAll("\\", "/") };
  });
  await mkdir(to, { recursive: true });
  for (const { os, arch, libc } of PLATFORMS) {
    const [newest] = builds
      .filter((build) => build.os === os && build.arch === arch && build.libc === libc)
      .filter(({ abi }) => abi <= ABI)
      .sort((one, other) => other.abi - one.abi);
    if (!newest) throw new Error(`zeromq has no addon for ${os} ${arch} ${libc}`);
    const name = [os, arch, ...(libc === "musl" ? [libc] : [])].join("-");
    await cp(join(from, newest.path), join(to, `${name}.node`));
  }
}
