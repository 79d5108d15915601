/** Seconds since 1970, as the practice cloud sees them; may be ahead of or behind real time. */
export type Clock = () => number;

export const systemClock: Clock = () => Math.floor(Date.now() / 1000);
