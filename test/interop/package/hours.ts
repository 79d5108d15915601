export function hours(days: number): number {
  return days < 0 ? 0 : days * 24;
}
