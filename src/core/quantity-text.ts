const UNITS = ["B", "kB", "MB", "GB", "TB", "PB"] as const;

/** Bytes in powers of a thousand, three digits at most but for bytes: `999 B`, `1.2 MB`, `72 MB`. */
export function bytesText(bytes: number): string {
  let power = 0;
  let size = bytes;
  // A size that rounds up to 1000 belongs to the next unit.
  while (size >= (power ? 999.5 : 1000) && power < UNITS.length - 1) {
    size /= 1000;
    power++;
  }
  const digits = power > 0 && size < 9.95 ? 1 : 0;
  return `${size.toFixed(digits)} ${UNITS[power]}`;
}

/** A duration, from milliseconds: `0.4 s`, `12 s`, `3 min 20 s`, `1 h 5 min`. */
export function durationText(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  const minutes = Math.round(whole / 60);
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
