/** Codes of Spark, the kernel and the command `notelake`. */
export interface ToolErrorCodes {
  /**
   * It is not the URL of a Spark Connect server.
   *
   * What to do: write it as `sc://127.0.0.1:15002`.
   */
  BAD_URL: "SparkError";
  /**
   * TypeScript is not the version that cells are checked with.
   *
   * What to do: run `npm install` again.
   */
  CHECKER_CHANGED: "NotelakeError";
  /**
   * The type checker has been closed.
   *
   * What to do: restart the kernel.
   */
  CHECKER_CLOSED: "NotelakeError";
  /**
   * The type checker failed.
   *
   * What to do: it is started again for the next cell; if that fails too, restart the kernel.
   */
  CHECKER_LOST: "NotelakeError";
  /**
   * TypeScript's native compiler is not installed.
   *
   * What to do: run `npm install` without `--omit=optional`.
   */
  CHECKER_MISSING: "NotelakeError";
  /**
   * The Spark session is closed.
   *
   * What to do: call `connectSpark()` for a new one.
   */
  CLOSED: "SparkError";
  /**
   * A cluster of this folder runs already.
   *
   * What to do: use it: `connectSpark()`.
   */
  CLUSTER_RUNS: "SparkError";
  /**
   * A result ended before it was complete; nothing of it was kept.
   *
   * What to do: run the statement again; a proxy between may cut long answers.
   */
  CUT_OFF: "SparkError";
  /**
   * The folder is the kernel of another program.
   *
   * What to do: choose another name: `--name`.
   */
  FOREIGN_KERNEL: "NotelakeError";
  /**
   * A token would be sent without TLS.
   *
   * What to do: add `use_ssl=true` to the URL, or leave the token out.
   */
  INSECURE_TOKEN: "SparkError";
  /**
   * JupyterLab did not start.
   *
   * What to do: the hint has what it said.
   */
  JUPYTER_FAILED: "NotelakeError";
  /**
   * The server no longer knows the session or statement.
   *
   * What to do: call `connectSpark()` again and repeat the statement.
   */
  LOST: "SparkError";
  /**
   * No Spark cluster runs on this machine.
   *
   * What to do: `await startSpark()`, or pass `{ url }` of another.
   */
  NO_CLUSTER: "SparkError";
  /**
   * There is no front end to open a comm to.
   *
   * What to do: run it in a cell of a notebook.
   */
  NO_COMMS: "NotelakeError";
  /**
   * This user has no home folder for Jupyter to look in.
   *
   * What to do: set `HOME`, or `JUPYTER_DATA_DIR`.
   */
  NO_HOME: "NotelakeError";
  /**
   * Nobody can be asked here.
   *
   * What to do: run the cell in JupyterLab, or set the value in the notebook.
   */
  NO_INPUT: "NotelakeError";
  /**
   * There is no JupyterLab 4, and none could be made.
   *
   * What to do: install Python 3.10 or later, or uv.
   */
  NO_JUPYTER: "NotelakeError";
  /**
   * There is no Python 3.9 or later, nor uv.
   *
   * What to do: install one of them.
   */
  NO_PYTHON: "SparkError";
  /**
   * Sail, the Spark cluster of this machine, could not be installed or started.
   *
   * What to do: the hint has what it said.
   */
  NO_SAIL: "SparkError";
  /**
   * No Spark server answers.
   *
   * What to do: check host and port, and whether it wants TLS.
   */
  NO_SERVER: "SparkError";
  /**
   * No temporary folder can be made.
   *
   * What to do: set `TMPDIR` to a folder that you may write to.
   */
  NO_TEMPORARY_FOLDER: "NotelakeError";
  /**
   * The Spark server does not speak TLS, or its certificate is not trusted.
   *
   * What to do: pass `{ ca }`, or say `use_ssl=false`.
   */
  NO_TLS: "SparkError";
  /**
   * A folder is wanted, and this is a file.
   *
   * What to do: choose another name.
   */
  NOT_A_FOLDER: "NotelakeError";
  /**
   * The file is no notebook of nbformat 4.
   *
   * What to do: give one that is.
   */
  NOT_A_NOTEBOOK: "NotelakeError";
  /**
   * The folder for a new project has files in it.
   *
   * What to do: choose another, or empty it.
   */
  NOT_EMPTY: "NotelakeError";
  /**
   * A cluster does not take this part of the statement.
   *
   * What to do: the hint says what to write; `query(lake, sql)` takes it on this machine.
   */
  NOT_IN_SPARK: "SparkError";
  /**
   * Node.js is too old.
   *
   * What to do: `npm install --save-dev node@24`, for this folder alone.
   */
  OLD_NODE: "NotelakeError";
  /**
   * The server does not know a request: it is older than Spark 3.5, or another service.
   *
   * What to do: check the port.
   */
  OLD_SERVER: "SparkError";
  /**
   * The notebook is of another version of nbformat.
   *
   * What to do: open and save it in JupyterLab.
   */
  OTHER_FORMAT: "NotelakeError";
  /**
   * A notebook has no such parameter, or it cannot have this value.
   *
   * What to do: the hint has how it is declared.
   */
  PARAMETER: "NotelakeError";
  /**
   * Another program listens on the port.
   *
   * What to do: say `--port` with another one.
   */
  PORT_TAKEN: "NotelakeError";
  /**
   * The file cannot be read as a notebook.
   *
   * What to do: the message says why.
   */
  UNREADABLE: "NotelakeError";
  /**
   * The command line is wrong.
   *
   * What to do: `--help` explains the command.
   */
  USAGE: "NotelakeError";
}
