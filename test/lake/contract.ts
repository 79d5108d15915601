import { afterAll, beforeAll, describe } from "vitest";
import { arranging } from "./contract/arranging.ts";
import type { ContractLake } from "./contract/contract-lake.ts";
import { finding } from "./contract/finding.ts";
import { reading } from "./contract/reading.ts";
import { rules } from "./contract/rules.ts";
import { transfers } from "./contract/transfers.ts";
import { writing } from "./contract/writing.ts";

const SUBJECTS = [finding, reading, writing, arranging, transfers, rules];

/** What every lake does alike, whatever service is behind it. */
export function describeLake(title: string, start: () => Promise<ContractLake>): void {
  describe(title, () => {
    let served: ContractLake;
    beforeAll(async () => {
      served = await start();
      await served.lake.write("in/a.csv", "a\n");
      await served.lake.write("in/deep/b.csv", "b\n");
      await served.lake.write("in/deep/.hidden", "h\n");
    });
    afterAll(() => served.close());
    for (const subject of SUBJECTS) describe(subject.name, () => subject(() => served));
  });
}
