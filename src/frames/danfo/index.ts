/**
 * [Danfo](https://danfo.jsdata.org), the library of dataframes, without defects that it has elsewhere,
 * and with the very classes of what `loadFrame` and `query` return. In a cell
 * `import … from "danfojs-node"` means the same.
 *
 * @module notelake/danfo
 */
import "../../core/refuse-old-node.ts";
import type * as Danfo from "danfojs-node";
import { danfo } from "./patched-danfo.ts";

export const {
  Config,
  DataFrame,
  Dt,
  LabelEncoder,
  MinMaxScaler,
  NDframe,
  OneHotEncoder,
  Series,
  StandardScaler,
  Str,
  Utils,
  __version,
  concat,
  convertFunctionTotransformer,
  dateRange,
  getDummies,
  merge,
  readCSV,
  readExcel,
  readJSON,
  streamCSV,
  streamCsvTransformer,
  streamJSON,
  tensorflow,
  toCSV,
  toDateTime,
  toExcel,
  toJSON,
} = danfo;

// Each class is a type too.
export type Config = Danfo.Config;
export type DataFrame = Danfo.DataFrame;
export type Dt = Danfo.Dt;
export type LabelEncoder = Danfo.LabelEncoder;
export type MinMaxScaler = Danfo.MinMaxScaler;
export type NDframe = Danfo.NDframe;
export type OneHotEncoder = Danfo.OneHotEncoder;
export type Series = Danfo.Series;
export type StandardScaler = Danfo.StandardScaler;
export type Str = Danfo.Str;
export type Utils = Danfo.Utils;

export default danfo;
