let times = 0;

/**
 * Loads a module again, as a process does that has not loaded it yet. What it imports is loaded
 * once for all.
 */
export const importAfresh = (url: URL): Promise<unknown> => import(`${url.href}?afresh=${times++}`);
