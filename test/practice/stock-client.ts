import { DataLakeServiceClient, type StoragePipelineOptions } from "@azure/storage-file-datalake";
import type { PracticeCloud } from "notelake/practice";

/** The stock client of the seeded account, in somebody's name. */
export function lakeOf(
  cloud: PracticeCloud,
  options: StoragePipelineOptions & { name?: string } = {},
): DataLakeServiceClient {
  const { name = "ada@contoso.com", ...rest } = options;
  return new DataLakeServiceClient(
    `https://${cloud.description.account}.dfs.core.windows.net`,
    cloud.credential(name),
    { httpClient: cloud.httpClient, ...rest },
  );
}
