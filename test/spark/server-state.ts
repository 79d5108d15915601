import type { SparkSession } from "../../src/spark/spark-session.ts";

/** Sessions that a Sail has and that have not ended, but for the one that asks. */
export async function sessionsOf(watcher: SparkSession): Promise<unknown[]> {
  const running = "select session_id from system.session.sessions where status = 'RUNNING'";
  return (await firstColumn(watcher, running)).filter((id) => id !== watcher.id);
}

/** What became of the jobs of a session of a Sail, the last first. */
export function jobsOf(watcher: SparkSession, id: string): Promise<unknown[]> {
  const sql = "select status from system.execution.jobs where session_id = ? order by job_id desc";
  return firstColumn(watcher, sql, [id]);
}

async function firstColumn(watcher: SparkSession, sql: string, parameters: string[] = []) {
  const { values } = await watcher.sql(sql, { parameters });
  return (values as unknown[][]).map(([value]) => value);
}
