import { inspect } from "node:util";
import { JUPYTER_DISPLAY, type MimeBundle } from "../display.ts";
import { escapeHtml } from "../escape-html.ts";
import { shorten } from "../table/cell-text.ts";
import { THEME } from "../theme.ts";

/** What every plot takes. */
export interface ChartOptions {
  title?: string;
  /** Pixels; 640 unless told. A narrower cell scrolls, so that labels stay as large. */
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
    const look = `color="${NEUTRAL}" font-family="system-ui, sans-serif"`;
    this.svg = this.#picture(`xmlns="http://www.w3.org/2000/svg" ${look}`);
  }

  /**
   * The picture inside the page, where it takes the colours of the theme. A saved notebook that is
   * not trusted loses the SVG elements but not their texts, the `template` element but not the
   * image in it, and the declaration of `block-size`, without which the texts have no height.
   */
  [JUPYTER_DISPLAY](): MimeBundle {
    const style = `min-width:${this.#drawn.width}px;height:auto;color:${THEME.text};font-family:${THEME.sans}`;
    const source = `data:image/svg+xml;base64,${Buffer.from(this.svg).toString("base64")}`;
    const html =
      `<div style="overflow-x:auto;overflow-y:hidden;height:0;block-size:auto">${this.#picture(`style="${style}"`)}</div>` +
      `<template><img alt="${this.#label}" width="${this.#drawn.width}" ` +
      `style="max-width:100%" src="${source}"></template>`;
    return { "text/plain": this.text, "text/html": html };
  }

  /** What `console.log` prints. */
  [inspect.custom](): string {
    return this.text;
  }

  #picture(attributes: string): string {
    const { width, height, content } = this.#drawn;
    return (
      `<svg ${attributes} role="img" aria-label="${this.#label}" viewBox="0 0 ${width} ${height}" ` +
      `width="${width}" height="${height}" fill="currentColor" font-size="12">${content}</svg>`
    );
  }
}
