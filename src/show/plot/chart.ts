import { inspect } from "node:util";
import { JUPYTER_DISPLAY, type MimeBundle } from "../display.ts";
import { escapeHtml } from "../escape-html.ts";
import { shorten } from "../table/column-text.ts";
import { CHART_SCRIPT } from "./chart-script.ts";

/** What every plot takes. */
export interface ChartOptions {
  title?: string;
  /**
   * Pixels; 640 unless told, of which a notebook makes more or less to fit its cell, with labels of
   * 11 pixels or more: a cell that is too narrow for that scrolls.
   */
  width?: number;
  /** Pixels; by the kind of plot unless told. */
  height?: number;
  xLabel?: string;
  yLabel?: string;
}

/** What a drawing is made of. */
export interface Drawn {
  /** Everything inside the `svg` element. */
  readonly content: string;
  readonly width: number;
  readonly height: number;
}

/** Reads on white and on black, where no theme can be asked. */
const NEUTRAL = "#767676";

/** Of the width that it is drawn for, what a picture has in a cell: letters of 12 pixels become 11 to 15. */
const SMALLEST = 11 / 12;
const LARGEST = 15 / 12;

/** A finished plot: the value of a cell that ends in it is the picture. */
export class Chart {
  /** The picture as a file of its own, to be saved or sent. */
  readonly svg: string;
  /** The same content drawn with characters. */
  readonly text: string;
  readonly #drawn: Drawn;
  readonly #label: string;

  /** @param label what the picture shows, for those who do not see it */
  constructor(drawn: Drawn, text: string, label: string) {
    this.#drawn = drawn;
    this.#label = escapeHtml(shorten(label, 600));
    this.text = text;
    this.svg = this.#picture();
  }

  /**
   * The picture as an image, which every front end shows. Where scripts run, the same picture takes its
   * place inside the page, in the colours of the theme.
   */
  [JUPYTER_DISPLAY](): MimeBundle {
    const { width } = this.#drawn;
    const fit =
      `width:100%;min-width:${Math.ceil(width * SMALLEST)}px;` +
      `max-width:${Math.round(width * LARGEST)}px;height:auto`;
    const source = `data:image/svg+xml;base64,${Buffer.from(this.svg).toString("base64")}`;
    const image = `<img alt="${this.#label}" width="${width}" style="${fit}" src="${source}">`;
    const html = `<div><div style="overflow-x:auto;overflow-y:hidden">${image}</div>${CHART_SCRIPT}</div>`;
    return { "text/plain": this.text, "text/html": html };
  }

  /** What `console.log` prints. */
  [inspect.custom](): string {
    return this.text;
  }

  #picture(): string {
    const { width, height, content } = this.#drawn;
    return (
      `<svg xmlns="http://www.w3.org/2000/svg" color="${NEUTRAL}" font-family="system-ui, sans-serif" ` +
      `role="img" aria-label="${this.#label}" viewBox="0 0 ${width} ${height}" ` +
      `width="${width}" height="${height}" fill="currentColor" font-size="12">${content}</svg>`
    );
  }
}
