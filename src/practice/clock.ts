import type { Faults } from "./faults/faults.ts";

/** Seconds since 1970, as the practice cloud sees them. */
export type Clock = () => number;

/** This machine's time, shifted by faults. */
export function createClock(faults: Faults): Clock {
  return () => {
    const ahead = faults.ofKind("clock").reduce((sum, { seconds }) => sum + seconds, 0);
    return Math.floor(Date.now() / 1000) + ahead;
  };
}
