/** How far a long load has come. */
export interface LoadProgress {
  /** What it is at. */
  readonly phase: "download" | "read" | "done";
  /** Files and bytes of the lake: all that are wanted, and those already here. */
  readonly files: number;
  /** Files that are here. */
  readonly filesDone: number;
  /** Bytes of all of them. */
  readonly bytes: number;
  /** Bytes that are here. */
  readonly bytesDone: number;
  /** Bytes of `bytesDone` that lay in the local cache. */
  readonly bytesCached: number;
  /** Milliseconds since the load began. */
  readonly elapsed: number;
}

/** Called now and then while something loads. */
export type OnProgress = (progress: LoadProgress) => void;
