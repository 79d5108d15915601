import { createRequire } from "node:module";
import type { Markish, PlotOptions } from "@observablehq/plot";
import { escapeHtml } from "../escape-html.ts";
import { shorten } from "../table/column-text.ts";
import type { Drawn } from "./chart.ts";

type PlotLibrary = typeof import("@observablehq/plot");

/**
 * Ten colours, each 3 to 1 at least on white and on the darkest page of JupyterLab, and told apart by
 * those who are blind to red, green or blue: the first ones best.
 */
export const PALETTE = [
  "#4269d0",
  "#b4870f",
  "#a53c5a",
  "#00a596",
  "#5a6900",
  "#ff4b87",
  "#964b87",
  "#1e96ff",
  "#d23c4b",
  "#a578b4",
] as const;

export interface Drawing {
  readonly title?: string | undefined;
  readonly caption: string;
  /** Rows of SVG that say what the colours mean, drawn from a baseline 10 pixels down. */
  readonly legend: readonly string[];
  readonly width: number;
  /** Of the axes and what is between them; title, legend and caption come on top. */
  readonly height: number;
  readonly options: PlotOptions;
  marks(plot: PlotLibrary): Markish[];
}

/** Pixels a character takes at most, on average, at a font size of 12. */
const CHARACTER = 6.8;
const LINE = 18;
const CAPTION = 15;

/** Draws axes and marks, with the title and legend above and the caption below. */
export function draw(drawing: Drawing): Drawn {
  const { title, caption, legend, width } = drawing;
  const above = [...(title ? [heading(title, width)] : []), ...legend];
  const below = wrap(caption, Math.floor(width / CHARACTER));
  const plot = axesAndMarks(drawing);
  const top = above.length * LINE + (above.length ? 8 : 0);
  const bottom = top + drawing.height + (below.length ? 6 : 0);
  const content = [
    ...above.map((row, i) => `<g transform="translate(0,${(i + 1) * LINE - 4})">${row}</g>`),
    `<g transform="translate(0,${top})" text-anchor="middle">${plot}</g>`,
    ...below.map(
      (line, i) =>
        `<text x="0" y="${bottom + (i + 1) * CAPTION - 3}" opacity=".75">${escapeHtml(line)}</text>`,
    ),
  ];
  return { content: content.join("\n"), width, height: bottom + below.length * CAPTION + 4 };
}

/** Pixels a text takes at most at a font size of 12. */
export function textWidth(text: string): number {
  return Math.ceil(text.length * CHARACTER);
}

/** The plotting library. */
export function plotLibrary(): PlotLibrary {
  return libraries().plot;
}

/** What is used of a document; Plot takes any that builds elements. */
interface SvgDocument {
  readonly documentElement: unknown;
}

interface SvgElement {
  readonly innerHTML: string;
  readonly attributes: Iterable<{ readonly name: string; readonly value: string }>;
  querySelectorAll(selector: string): Iterable<SvgElement>;
  setAttribute(name: string, value: string): void;
  removeAttribute(name: string): void;
  remove(): void;
}

/** Loaded at the first plot: a tenth of a second that a notebook without plots does not pay. */
function libraries(): { plot: PlotLibrary; document: SvgDocument } {
  const require = createRequire(import.meta.url);
  const plot = require("@observablehq/plot") as PlotLibrary;
  const { DOMParser } = require("linkedom") as typeof import("linkedom");
  return { plot, document: new DOMParser().parseFromString("<svg></svg>", "image/svg+xml") };
}

function axesAndMarks({ options, marks, width, height }: Drawing): string {
  const { plot, document } = libraries();
  const made: unknown = plot.plot({
    // Room for a font two pixels larger than the one Plot reckons with.
    marginTop: 28,
    marginBottom: 46,
    marginLeft: 56,
    marginRight: 24,
    ...options,
    width,
    height,
    document: document as NonNullable<PlotOptions["document"]>,
    marks: marks(plot),
  });
  const svg = made as SvgElement;
  for (const element of svg.querySelectorAll("*")) {
    for (const { name, value } of Array.from(element.attributes)) {
      if (name.startsWith("aria-")) element.removeAttribute(name);
      else if (NUMERIC.has(name)) element.setAttribute(name, round(value));
    }
  }
  // Plot's own style sheet would apply to the whole page.
  for (const style of svg.querySelectorAll("style")) style.remove();
  return svg.innerHTML.replace(UNFIT, "");
}

// XML has no way to write them.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be written
const UNFIT = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

const NUMERIC = new Set([
  "d",
  "transform",
  "x",
  "y",
  "x1",
  "x2",
  "y1",
  "y2",
  "cx",
  "cy",
  "width",
  "height",
]);

/** A tenth of a pixel is finer than a screen, and a third of the bytes. */
function round(value: string): string {
  return value.replace(/\d+\.\d{2,}(e-?\d+)?/g, (number) =>
    String(Number(Number(number).toFixed(1))),
  );
}

function heading(title: string, width: number): string {
  const text = shorten(title, Math.floor(width / 8));
  return `<text font-size="14" font-weight="600">${escapeHtml(text)}</text>`;
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ").filter(Boolean)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else {
      lines.push(shorten(word, width));
    }
  }
  return lines;
}
