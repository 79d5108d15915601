/** UTF-16 offset of a position in code points, as in Jupyter. */
export function utf16Offset(code: string, codePoints: number): number {
  let offset = 0;
  for (const character of code) {
    if (codePoints-- <= 0) break;
    offset += character.length;
  }
  return offset;
}

/** Position in code points of a UTF-16 offset. */
export function codePointPosition(code: string, offset: number): number {
  let position = 0;
  for (const _character of code.slice(0, offset)) position++;
  return position;
}
