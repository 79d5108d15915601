import type { ExecutePlanResponse_ExecutionProgress } from "./protocol/spark-connect_pb.ts";

/** Progress of a job on the cluster. */
export interface SparkProgress {
  readonly phase: "running" | "receiving" | "reconnecting" | "done";
  /** Tasks of the known stages; 0 when the server reports none. */
  readonly tasks: number;
  readonly tasksDone: number;
  /** Bytes read by the cluster. */
  readonly bytesRead: number;
  /** Rows of the result received so far, and their bytes. */
  readonly rows: number;
  readonly bytes: number;
  /** Milliseconds since the statement was sent. */
  readonly elapsed: number;
}

/** Called repeatedly while a statement runs. */
export type OnSparkProgress = (progress: SparkProgress) => void;

/** Sums up the server's progress messages and calls the listener. */
export class JobProgress {
  readonly #started = performance.now();
  readonly #onProgress: OnSparkProgress | undefined;
  readonly #facts = { tasks: 0, tasksDone: 0, bytesRead: 0, rows: 0, bytes: 0 };

  constructor(onProgress: OnSparkProgress | undefined) {
    this.#onProgress = onProgress;
    this.report("running");
  }

  stages({ stages }: ExecutePlanResponse_ExecutionProgress): void {
    const sum = (of: (stage: (typeof stages)[number]) => bigint) =>
      Number(stages.reduce((total, stage) => total + of(stage), 0n));
    this.#facts.tasks = sum(({ numTasks }) => numTasks);
    this.#facts.tasksDone = sum(({ numCompletedTasks }) => numCompletedTasks);
    this.#facts.bytesRead = sum(({ inputBytesRead }) => inputBytesRead);
    this.report("running");
  }

  received(rows: number, bytes: number): void {
    Object.assign(this.#facts, { rows, bytes });
    this.report("receiving");
  }

  report(phase: SparkProgress["phase"]): void {
    this.#onProgress?.({ phase, ...this.#facts, elapsed: performance.now() - this.#started });
  }
}
