import { bytesText, durationText } from "../core/quantity-text.ts";
import { canReplace, type DisplayHandle, display, type MimeBundle } from "./display.ts";
import { bar, line, PACE, QUIET, title } from "./progress-display.ts";
import { count } from "./table/column-text.ts";
import { THEME } from "./theme.ts";

/** How far a job on a cluster is, as the cluster reports it. */
export interface Job {
  readonly phase: "running" | "receiving" | "reconnecting" | "done";
  /** 0 where the cluster does not tell. */
  readonly tasks: number;
  readonly tasksDone: number;
  /** Bytes that the cluster has read. */
  readonly bytesRead: number;
  /** Rows of the result that are here, and their bytes. */
  readonly rows: number;
  readonly bytes: number;
}

/** The display of one job. */
export interface JobDisplay {
  report(job: Job): void;
  /** The job is over: one line stays. */
  done(): void;
  /** The job ended with an error: takes away what promises more. */
  fail(): void;
}

/**
 * Shows a long job: its tasks and bytes, changing in place, and in the end one line. A job under
 * half a second shows nothing, and where nothing can be replaced only the last line is printed.
 */
export function showJob(what: string): JobDisplay {
  const started = performance.now();
  let handle: DisplayHandle | undefined;
  let job: Job | undefined;
  let timer: NodeJS.Timeout | undefined;
  const elapsed = () => performance.now() - started;
  const show = (bundle: MimeBundle) => {
    if (handle) handle.update(bundle);
    else handle = display(bundle);
  };
  // A server may be silent for minutes: the picture shows that time goes on.
  const draw = () => {
    if (job && canReplace()) show(runningJob(what, job, elapsed()));
    timer = setTimeout(draw, 10 * PACE).unref();
  };
  const end = (bundle: MimeBundle | undefined) => {
    clearTimeout(timer);
    job = undefined;
    if (bundle) show(bundle);
  };
  timer = setTimeout(draw, QUIET).unref();
  return {
    report(now) {
      job = now;
    },
    done() {
      end(job && (handle || elapsed() >= QUIET) ? finishedJob(what, job, elapsed()) : undefined);
    },
    fail() {
      end(job && handle ? stoppedJob(what, job, elapsed()) : undefined);
    },
  };
}

/** The picture of a job under way. */
export function runningJob(what: string, job: Job, elapsed: number): MimeBundle {
  const { phase, tasks, tasksDone } = job;
  const facts = [
    ...(phase === "reconnecting" ? ["connection lost, asking again"] : []),
    ...(tasks > 0 ? [`${count(tasksDone)} of ${count(tasks)} tasks`] : []),
    ...volumes(job),
    durationText(elapsed),
  ].join(" · ");
  const verb = phase === "receiving" ? "Receiving" : "Running";
  return {
    "text/plain": `${verb} ${what}: ${facts}`,
    "text/html": line(
      `${verb} ${title(what)}`,
      facts,
      tasks > 0 ? bar(tasksDone / tasks, phase === "receiving") : "",
    ),
  };
}

/** The line that stays of a job that took `elapsed` milliseconds. */
export function finishedJob(what: string, job: Job, elapsed: number): MimeBundle {
  const facts = [...volumes(job), durationText(elapsed)].join(" · ");
  return {
    "text/plain": `Ran ${what}: ${facts}`,
    "text/html": line(`<span style="color:${THEME.good}">✓</span> ${title(what)}`, facts),
  };
}

function stoppedJob(what: string, job: Job, elapsed: number): MimeBundle {
  const facts = [...volumes(job), `stopped after ${durationText(elapsed)}`].join(" · ");
  return {
    "text/plain": `Running ${what}: ${facts}`,
    "text/html": line(`<span style="color:${THEME.bad}">✕</span> ${title(what)}`, facts),
  };
}

function volumes({ bytesRead, rows, bytes }: Job): string[] {
  return [
    ...(bytesRead > 0 ? [`${bytesText(bytesRead)} read on the cluster`] : []),
    ...(rows > 0 ? [`${count(rows)} rows, ${bytesText(bytes)} received`] : []),
  ];
}
