import { join } from "node:path";
import { type BuildOptions, build, type Metafile, type Plugin } from "esbuild";

/** Packages that Danfo asks for, and what it gets in the bundle. In a checkout it gets the first two. */
const STAND_INS: Readonly<Record<string, string>> = {
  "node-fetch": "build/stand-ins/node-fetch.ts",
  request: "build/stand-ins/request.ts",
  "@tensorflow/tfjs-node": "build/stand-ins/tfjs-node.cjs",
};

/** Danfo takes no more than this out of mathjs. */
const MATHJS = 'export { median, mode, std, variance } from "mathjs";';

/** Stays outside of the bundle: frames are loaded from Excel files with it too. */
const XLSX = "@e965/xlsx";

const COMMON: BuildOptions = {
  bundle: true,
  platform: "node",
  target: "node22",
  mainFields: ["module", "main"],
  legalComments: "none",
  logLevel: "warning",
};

/**
 * Puts `src/frames/danfo/library.ts` and all that it imports into the file that tsc has made of it.
 *
 * @param root folder of the checkout
 * @param dist folder of what is published
 * @returns what is in the bundle
 */
export async function bundleDanfo(root: string, dist: string): Promise<Metafile[]> {
  const inner: Metafile[] = [];
  const { metafile } = await build({
    ...COMMON,
    absWorkingDir: root,
    entryPoints: ["src/frames/danfo/library.ts"],
    outfile: join(dist, "frames/danfo/library.js"),
    allowOverwrite: true,
    format: "esm",
    metafile: true,
    plugins: [useStandIns(root, inner)],
    // Draws in browsers; Danfo asks for it nowhere else.
    external: ["plotly.js-dist-min"],
    // The libraries load what Node has built in by require().
    banner: {
      js: [
        "// A bundle of danfojs-node and what it needs: licences in THIRD-PARTY-LICENSES.txt.",
        'import { createRequire } from "node:module";',
        "const require = createRequire(import.meta.url);",
      ].join("\n"),
    },
  });
  return [metafile, ...inner];
}

function useStandIns(root: string, inner: Metafile[]): Plugin {
  return {
    name: "stand-ins",
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^[@\w]/ }, ({ path }) => {
        if (path === "xlsx") return { path: XLSX, external: true };
        if (path === "mathjs") return { path, namespace: "statistics" };
        const standIn = STAND_INS[path];
        return standIn ? { path: join(root, standIn) } : undefined;
      });
      // In a bundle of its own: of what is loaded by require() nothing is left out.
      onLoad({ filter: /^/, namespace: "statistics" }, async () => {
        const { metafile, outputFiles } = await build({
          ...COMMON,
          absWorkingDir: root,
          stdin: { contents: MATHJS, resolveDir: root },
          format: "cjs",
          metafile: true,
          write: false,
        });
        inner.push(metafile);
        return { contents: outputFiles[0]?.text ?? "" };
      });
    },
  };
}
