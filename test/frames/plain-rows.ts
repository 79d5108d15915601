// Rows that a CSV file has in the plainest way, more than the two megabytes from where on it is parsed while it arrives.

export const ROWS = 21_000;
export const WORD = `Zoë ${"and so on ".repeat(5)}`;
export const LINES = Array.from({ length: ROWS }, (_, row) => {
  const at = new Date(Date.UTC(2024, 0, 1) + row * 61_000).toISOString();
  const name = row % 7 === 0 ? "" : `driver ${row % 500}`;
  const price = row % 2 ? `${row}.${row % 10}5` : row;
  return [
    row,
    name,
    at.slice(0, 10),
    at.slice(0, 19).replace("T", " "),
    at,
    price,
    row % 3 === 0,
    WORD,
  ];
});
const HEADER = "id,driver,day,pickup,seen,price,flag,word";
export const PLAIN = [HEADER, ...LINES.map((line) => line.join(","))].join("\n");
