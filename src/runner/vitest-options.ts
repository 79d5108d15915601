/** Under which key the plug-in provides its options to the processes that run tests. */
export const PROVIDED = "notelake:notebooks";
