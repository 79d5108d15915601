import { bytesText, durationText } from "../core/quantity-text.ts";
import { canReplace, type DisplayHandle, display, type MimeBundle } from "./display.ts";
import { escapeHtml } from "./escape-html.ts";
import { count, shorten } from "./table/column-text.ts";
import { THEME } from "./theme.ts";

/** Long enough to ride over a pause between two files, short enough to follow a slow line. */
const WINDOW = 3000;
const LEAST = 200;

/** How far one stage of a load has come; as the loader reports it. */
export interface Progress {
  readonly phase: "download" | "read" | "done";
  readonly files: number;
  readonly filesDone: number;
  readonly bytes: number;
  readonly bytesDone: number;
  /** Bytes of `bytesDone` that did not cross the network. */
  readonly bytesCached: number;
}

/** The display of one load. */
export interface ProgressDisplay {
  /** A load of several tables downloads and reads one after the other: their sums are shown. */
  report(progress: Progress): void;
  /** The load is over: one line stays. A report of the phase `done` does the same. */
  done(): void;
  /** The load ended with an error: takes away what promises more. */
  fail(): void;
}

/** A load that is over before is not worth a flicker. */
export const QUIET = 500;
/** Between two changes of the picture, in milliseconds. */
export const PACE = 100;

/**
 * Shows a long load of `what`: a bar with bytes, rate and time left that changes in place, and in
 * the end one line. A load under half a second shows nothing, and where nothing can be replaced,
 * as in a log, only the last line is printed.
 */
export function showProgress(what: string): ProgressDisplay {
  const started = performance.now();
  const rate = rateOf();
  let handle: DisplayHandle | undefined;
  let stage: Progress | undefined;
  let earlier = NOTHING;
  let timer: NodeJS.Timeout | undefined;

  const elapsed = () => performance.now() - started;
  const show = (bundle: MimeBundle) => {
    if (handle) handle.update(bundle);
    else handle = display(bundle);
  };
  const draw = () => {
    timer = undefined;
    if (stage && canReplace()) show(running(what, sum(earlier, stage), rate));
  };
  /** Ends what is shown; `last` makes the line that stays of all that was done. */
  const end = (last: (all: Progress) => MimeBundle | undefined) => {
    clearTimeout(timer);
    const bundle = stage && last(sum(earlier, stage));
    stage = undefined;
    if (bundle) show(bundle);
  };
  const done = () =>
    end((all) => (handle || elapsed() >= QUIET ? finished(what, all, elapsed()) : undefined));

  return {
    report(progress) {
      if (stage?.phase === "read" && progress.phase === "download") earlier = sum(earlier, stage);
      stage = progress;
      const all = sum(earlier, progress);
      rate.add(elapsed(), all.bytesDone - all.bytesCached);
      if (progress.phase === "done") done();
      else timer ??= setTimeout(draw, handle ? PACE : Math.max(0, QUIET - elapsed())).unref();
    },
    done,
    fail() {
      end((all) => (handle ? stopped(what, all) : undefined));
    },
  };
}

const NOTHING: Progress = {
  phase: "read",
  files: 0,
  filesDone: 0,
  bytes: 0,
  bytesDone: 0,
  bytesCached: 0,
};

/** Two stages as one, in the phase of the later. */
function sum(earlier: Progress, later: Progress): Progress {
  return {
    phase: later.phase,
    files: earlier.files + later.files,
    filesDone: earlier.filesDone + later.filesDone,
    bytes: earlier.bytes + later.bytes,
    bytesDone: earlier.bytesDone + later.bytesDone,
    bytesCached: earlier.bytesCached + later.bytesCached,
  };
}

/** The bar of a load under way. */
export function running(what: string, progress: Progress, rate: Rate): MimeBundle {
  const { phase, files, filesDone, bytes, bytesDone } = progress;
  const reading = phase === "read";
  const perSecond = rate.perSecond();
  const remaining = perSecond > 0 ? ((bytes - bytesDone) / perSecond) * 1000 : 0;
  const facts = reading
    ? [bytesText(bytes), ...(files > 1 ? [`${count(files)} files`] : [])]
    : [
        `${bytesText(bytesDone)} of ${bytesText(bytes)}`,
        ...(perSecond > 0 ? [`${bytesText(perSecond)}/s`] : []),
        ...(remaining > 0 ? [`${durationText(remaining)} left`] : []),
        ...(files > 1 ? [`${count(filesDone)} of ${count(files)} files`] : []),
      ];
  const verb = reading ? "Reading" : "Loading";
  const share = bytes > 0 ? Math.min(1, bytesDone / bytes) : 0;
  return {
    "text/plain": `${verb} ${what}: ${facts.join(" · ")}`,
    "text/html": line(`${verb} ${title(what)}`, facts.join(" · "), bar(share, reading)),
  };
}

/** The line that stays of a load that took `elapsed` milliseconds. */
export function finished(what: string, progress: Progress, elapsed: number): MimeBundle {
  const { files, bytes, bytesCached } = progress;
  const loaded = bytes - bytesCached;
  const cached = bytesCached > 0 ? `, ${loaded > 0 ? bytesText(bytesCached) : "all"} cached` : "";
  const size = `${files === 1 ? "" : `${count(files)} files, `}${bytesText(bytes)}${cached}`;
  const facts = `${size} in ${durationText(elapsed)}`;
  return {
    "text/plain": `Loaded ${what}: ${facts}`,
    "text/html": line(`<span style="color:${THEME.good}">✓</span> ${title(what)}`, facts),
  };
}

function stopped(what: string, { bytes, bytesDone }: Progress): MimeBundle {
  const facts = `stopped after ${bytesText(bytesDone)} of ${bytesText(bytes)}`;
  return {
    "text/plain": `Loading ${what}: ${facts}`,
    "text/html": line(`<span style="color:${THEME.bad}">✕</span> ${title(what)}`, facts),
  };
}

export function title(what: string): string {
  return `<b style="font-weight:600">${escapeHtml(shorten(what, 80))}</b>`;
}

export function line(head: string, facts: string, below = ""): string {
  return (
    `<div style="font-family:${THEME.sans};font-size:13px;line-height:1.5;color:${THEME.text};` +
    `font-variant-numeric:tabular-nums">${head} <span style="opacity:.75">${escapeHtml(facts)}` +
    `</span>${below}</div>`
  );
}

export function bar(share: number, done: boolean): string {
  const percent = Math.round(share * 100);
  const fill = `width:${percent}%;height:100%;border-radius:3px;background:${done ? THEME.good : THEME.link}`;
  return (
    `<div role="progressbar" aria-valuenow="${percent}" aria-valuemin="0" aria-valuemax="100" ` +
    `style="max-width:36em;height:6px;margin:.35em 0 .2em;border-radius:3px;overflow:hidden;` +
    `background:rgba(128,128,128,.25)"><div style="${fill}"></div></div>`
  );
}

/** How fast something goes, over its last seconds. */
interface Rate {
  /** @param elapsed milliseconds since the start @param amount all that is done so far */
  add(elapsed: number, amount: number): void;
  /** Amount a second; 0 while too little is known. */
  perSecond(): number;
}

export function rateOf(): Rate {
  const seen: { elapsed: number; amount: number }[] = [{ elapsed: 0, amount: 0 }];
  return {
    add(elapsed, amount) {
      seen.push({ elapsed, amount });
      while (seen.length > 2 && (seen[1]?.elapsed ?? 0) <= elapsed - WINDOW) seen.shift();
    },
    perSecond() {
      const [first, last] = [seen[0], seen.at(-1)];
      if (!first || !last || last.elapsed - first.elapsed < LEAST) return 0;
      return ((last.amount - first.amount) / (last.elapsed - first.elapsed)) * 1000;
    },
  };
}
