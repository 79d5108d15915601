import { writeQuery } from "../../src/frames/write-frame.ts";
import { openFolder } from "../../src/lake/open-folder.ts";

// node delta-killed.ts FOLDER before|after: appends to the Delta table t, and says when its commit is
// about to be put into the log, or was put there a moment ago; then it waits to be killed.

const [folder = "", when = ""] = process.argv.slice(2);
const here = openFolder(folder);
const upload: typeof here.upload = async (local, path, options) => {
  const isCommit = path.includes("_delta_log/");
  if (!isCommit || when === "after") await here.upload(local, path, options);
  if (!isCommit) return here.stat(path);
  process.stdout.write("now\n");
  setInterval(() => {}, 1000);
  return new Promise<never>(() => {});
};
void writeQuery({ ...here, upload }, "t", "select 2 as a", { format: "delta", mode: "append" });
