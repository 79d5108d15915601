/** How far a long load has come. */
export interface LoadProgress {
  readonly phase: "download" | "read" | "done";
  /** Files and bytes of the lake: all that are wanted, and those already here. */
  readonly files: number;
  readonly filesDone: number;
  readonly bytes: number;
  readonly bytesDone: number;
  /** Bytes of `bytesDone` that lay in the local cache. */
  readonly bytesCached: number;
  /** Milliseconds since the load began. */
  readonly elapsed: number;
}

export type OnProgress = (progress: LoadProgress) => void;
