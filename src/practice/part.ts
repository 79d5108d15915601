/** Something that is open until the practice cloud closes. */
export interface Part {
  close(): Promise<void>;
  /** Lets the process end although this is open. */
  unref?(): unknown;
}
