import { describeLake } from "./contract.ts";
import { startLake } from "./start-lake.ts";

describeLake("Gen2", () => startLake(2));
describeLake("Gen1", () => startLake(1));
