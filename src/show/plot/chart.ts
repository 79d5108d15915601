import { inspect } from "node:util";
import { JUPYTER_DISPLAY, type MimeBundle } from "../display.ts";
import { escapeHtml } from "../escape-html.ts";
import { shorten } from "../table/column-text.ts";
import { THEME } from "../theme.ts";

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

const button = (format: string, onload: string) =>
  `<button type="button" aria-label="Save the chart as ${format}" style="all:revert;font:inherit;` +
  `padding:0 .6em;cursor:pointer" onclick="const i=new Image,a=document.createElement('a'),` +
  `save=u=>{a.href=u;a.download='chart.${format.toLowerCase()}';a.click()};i.onload=()=>{${onload}};` +
  `i.src=this.closest('div[style*=block-size]').nextElementSibling.content.querySelector('img').src">` +
  `${format}</button>`;

/**
 * Buttons that save the image of the `template`, which works where scripts run. Of two declarations a
 * front end that does not trust the notebook keeps the first, and so hides buttons that do nothing.
 */
const SAVE =
  `<div style="visibility:hidden;visibility:var(--notelake-save,visible);font-size:12px;color:${THEME.faint};` +
  `font-family:${THEME.sans}">Save as ${button("SVG", "save(i.src)")} ${button(
    "PNG",
    "const c=document.createElement('canvas');c.width=2*i.width;c.height=2*i.height;" +
      "c.getContext('2d').drawImage(i,0,0,c.width,c.height);save(c.toDataURL())",
  )}</div>`;

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
   * not trusted loses the SVG elements but not their texts, the `template` element but not what is
   * in it, and the declaration of `block-size`, without which the texts have no height.
   */
  [JUPYTER_DISPLAY](): MimeBundle {
    const { width } = this.#drawn;
    const fit =
      `width:100%;min-width:${Math.ceil(width * SMALLEST)}px;` +
      `max-width:${Math.round(width * LARGEST)}px;height:auto`;
    const style = `${fit};color:${THEME.text};font-family:${THEME.sans}`;
    const source = `data:image/svg+xml;base64,${Buffer.from(this.svg).toString("base64")}`;
    const html =
      `<div style="overflow-x:auto;overflow-y:hidden;height:0;block-size:auto">${this.#picture(`style="${style}"`)}` +
      `${SAVE}</div><template><div style="overflow-x:auto"><img alt="${this.#label}" width="${width}" ` +
      `style="${fit}" src="${source}"></div></template>`;
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
