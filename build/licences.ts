import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Metafile } from "esbuild";

/** Packages of the bundle that come without the text of their licence: a copy from their source. */
const COPIES: Readonly<Record<string, string>> = { "danfojs-node": "build/danfo.LICENCE.txt" };

/** What is of another source than a package: what it is, and a copy of its licence. */
const SOURCES = [
  {
    name: "Protocol of Spark Connect, Apache Spark 4.1 (Apache-2.0), https://github.com/apache/spark",
    copy: "build/spark.LICENCE.txt",
  },
] as const;

const PACKAGE_OF_FILE = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/;

/** Folders of the packages that bundles hold something of, relative to the checkout. */
export function packagesIn(bundles: readonly Metafile[]): string[] {
  const outputs = bundles.flatMap((bundle) => Object.values(bundle.outputs));
  const used = outputs
    .flatMap(({ inputs }) => Object.entries(inputs))
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0);
  return [...new Set(used.flatMap(([name]) => PACKAGE_OF_FILE.exec(name) ?? []))];
}

/**
 * Writes the licences of packages that are published as parts of this one, with their notices.
 *
 * @param folders of the packages, relative to the checkout
 * @throws when a package has no text of a licence: it may not be passed on without
 */
export async function writeLicences(
  root: string,
  folders: readonly string[],
  file: string,
): Promise<void> {
  const parts = await Promise.all([...folders].sort().map((folder) => licenceOf(root, folder)));
  const sources = SOURCES.map(async ({ name, copy }) => {
    const text = await readFile(join(root, copy), "utf8");
    return `${name}\n\n${text.trim()}\n`;
  });
  const head =
    "Parts of these packages are in frames/danfo/library.js, node_modules and spark/protocol.\n";
  await writeFile(
    file,
    [head, ...parts, ...(await Promise.all(sources))].join(`\n${"-".repeat(80)}\n\n`),
  );
}

async function licenceOf(root: string, folder: string): Promise<string> {
  const path = join(root, folder);
  const { name, version, license } = JSON.parse(await readFile(join(path, "package.json"), "utf8"));
  const own = (await readdir(path)).filter((file) => /^(licen[cs]e|notice|copying)/i.test(file));
  const texts = own.sort().map((file) => join(path, file));
  const copy = COPIES[name];
  if (texts.length === 0 && copy) texts.push(join(root, copy));
  if (texts.length === 0) throw new Error(`${name} ${version} has no text of its licence`);
  const read = await Promise.all(texts.map((text) => readFile(text, "utf8")));
  return [`${name} ${version} (${license})\n`, ...read.map((text) => text.trimEnd()), ""].join(
    "\n",
  );
}
