// What the cells of a column are, as csv-part.ts has it.

export const EMPTY: u8 = 0;
export const WHOLE: u8 = 1;
export const DECIMAL: u8 = 2;
export const BOOLEAN: u8 = 3;
export const DAY: u8 = 4;
export const MOMENT: u8 = 5;
export const INSTANT: u8 = 6;
export const TEXT: u8 = 7;
export const SKIPPED: u8 = 8;
export const UNKNOWN: u8 = 9;
