import { type Methods, type NDframe, notDefinedFor, type PatchTarget } from "./danfo-internals.ts";
import { notDefinedForText } from "./text-column.ts";

/**
 * What takes numbers refuses other columns by name, and says what to do. Danfo adds up dates as if
 * they were texts, and of texts it says that it cannot, but not where they are.
 */
export function patchRefusals({ danfo, frames, series }: PatchTarget): void {
  for (const name of [...STATISTICS, ...OF_FRAMES]) refuse(frames, name);
  for (const name of [...STATISTICS, ...OF_TEXT_SERIES]) refuse(series, name);
  for (const kind of [danfo.DataFrame, danfo.Series]) {
    // Danfo draws on web pages only.
    Object.defineProperty(kind.prototype, "plot", { value: refusePlot, configurable: true });
  }
}

const STATISTICS = [
  ..."sum mean median mode std var round abs".split(" "),
  ..."cumSum cumProd cumMin cumMax".split(" "),
];
const OF_FRAMES = [
  ..."min max diff pctChange add sub mul div divNoNan pow mod".split(" "),
  ..."eq ne lt le gt ge".split(" "),
];
/** A series of dates may do some of these. */
const OF_TEXT_SERIES = "min max add sub mul div pow mod minimum maximum describe".split(" ");

function refuse(methods: Methods, name: string): void {
  const original = methods[name];
  if (!original) return;
  const allowsDates = OF_TEXT_SERIES.includes(name);
  methods[name] = function refusing(this: never, ...options: never[]) {
    const data = this as NDframe;
    const { dtypes, columns, $isSeries } = data;
    const text = dtypes.indexOf("string");
    if (text >= 0) {
      const lists = ($isSeries ? [data.values] : data.getColumnData) as unknown[][];
      throw notDefinedForText(name, columns[text] ?? "", lists[text] ?? [], without(data, name));
    }
    const date = dtypes.indexOf("datetime");
    if (date >= 0 && !($isSeries && allowsDates)) {
      const instead = $isSeries ? "" : without(data, name);
      throw notDefinedFor(name, `dates, which column ${columns[date]} holds`, instead);
    }
    return original.apply(this, options);
  };
}

/** The same call on the columns that hold numbers, as code. */
function without({ columns, dtypes, $isSeries }: NDframe, name: string): string {
  if ($isSeries) return "valueCounts() counts texts. ";
  const numbers = columns.filter((_, place) => /int|float|bool/.test(dtypes[place] ?? ""));
  if (numbers.length === 0) return "";
  return `Of the others: df.loc({ columns: ${JSON.stringify(numbers)} }).${name}(…). `;
}

function refusePlot(): never {
  throw new Error(
    'Danfo draws on web pages only. In a notebook: plotLine(df, { x: "day", y: "total" }), or plotBar, plotScatter and plotHistogram, all of notelake.',
  );
}
