// What Danfo's declarations take from packages whose declarations it does not bring along. Options
// are handed on to those packages; the names are those that Danfo's documentation uses.
import type { ParsingOptions, WritingOptions } from "@e965/xlsx";

export type { ParsingOptions, WritingOptions };

/** Of Papa Parse: how CSV is read. */
export interface ParseConfig {
  delimiter?: string;
  newline?: "\r" | "\n" | "\r\n";
  quoteChar?: string;
  escapeChar?: string;
  header?: boolean;
  dynamicTyping?: boolean | Record<string, boolean> | ((field: string | number) => boolean);
  preview?: number;
  comments?: false | string;
  skipEmptyLines?: boolean | "greedy";
  fastMode?: boolean;
  transform?: (value: string, field: string | number) => unknown;
  transformHeader?: (header: string, index: number) => string;
  delimitersToGuess?: string[];
}

/** Of node-fetch. */
export type HeadersInit = Record<string, string> | [string, string][];

/** Of table: how a frame is printed. */
export interface BaseUserConfig {
  border?: Record<string, string>;
  columns?: Record<number, object> | object[];
  columnDefault?: object;
  drawVerticalLine?: (index: number, count: number) => boolean;
  drawHorizontalLine?: (index: number, count: number) => boolean;
  singleLine?: boolean;
}
export interface TableUserConfig {
  header?: { content: string; [option: string]: unknown };
  spanningCells?: object[];
}

/** Of Plotly, which draws in browsers only. */
export interface Config {
  [option: string]: unknown;
}
export interface Layout {
  [option: string]: unknown;
}

/** Of request: where JSON is streamed from. */
declare namespace request {
  interface RequiredUriUrl {
    url?: string;
  }
  interface CoreOptions {
    method?: string;
    headers?: Record<string, string>;
  }
}
export default request;
