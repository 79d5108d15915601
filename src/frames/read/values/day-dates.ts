const DAY = 86_400_000;

/** What would change a Date. */
const SETTERS = Object.getOwnPropertyNames(Date.prototype).filter((name) => name.startsWith("set"));

/** Not enumerable: such a Date prints, is compared and is copied as any other. */
const REFUSED: PropertyDescriptorMap = Object.fromEntries(
  SETTERS.map((name) => [name, { value: refuse }]),
);

function refuse(this: Date): never {
  const day = this.toISOString().slice(0, -14);
  throw new TypeError(
    `all rows of the column that have ${day} share this Date: change a copy of it, new Date(date)`,
  );
}

/**
 * The Dates of a column of days, each at midnight UTC. A column has few different days beside its
 * rows, and a Date takes twelve times the memory of a number: so rows of the same day have the same
 * Date, and its setters throw.
 */
export class DayDates {
  readonly #dates = new Map<number, Date>();
  #last: Date = new Date(Number.NaN);
  #lastDay = Number.NaN;

  /** @param day days since 1970 */
  dateOf(day: number): Date {
    if (day === this.#lastDay) return this.#last;
    let date = this.#dates.get(day);
    if (!date) {
      date = Object.defineProperties(new Date(day * DAY), REFUSED);
      this.#dates.set(day, date);
    }
    this.#lastDay = day;
    this.#last = date;
    return date;
  }
}
