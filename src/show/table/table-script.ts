/**
 * What a table does where scripts run, which is in a notebook that is trusted: a click on a heading
 * sorts the rows that are shown, more than 20 of them are paged, and the line below says whether the
 * table scrolls. Elsewhere a front end drops it, and all rows are there. Text, and no function made
 * text, so that the same is stored whoever compiled this file.
 */
const SCRIPT = `
const script = document.currentScript;
const [scroller, note] = script?.parentNode.children ?? [];
const body = scroller?.querySelector("tbody");
if (body) {
  const PAGE = 20;
  const rows = [...body.rows];
  const heads = [...scroller.querySelectorAll("th[scope=col]")];
  const plain = "all:unset;cursor:pointer;outline:revert;";
  let first = 0;
  const button = (text, title, press) => {
    const made = document.createElement("button");
    made.type = "button";
    made.title = title;
    made.style = plain;
    made.append(...text);
    made.onclick = press;
    return made;
  };
  const where = document.createElement("span");
  const turn = (by) => () => {
    first = Math.max(0, Math.min(Math.ceil(rows.length / PAGE) * PAGE - PAGE, first + by * PAGE));
    draw();
  };
  const draw = () => {
    body.append(...rows);
    if (rows.length <= PAGE) return;
    rows.forEach((row, i) => (row.hidden = i < first || i >= first + PAGE));
    where.textContent = " rows " + (first + 1) + " to " + Math.min(rows.length, first + PAGE) + " ";
  };
  if (rows.length > PAGE) {
    where.setAttribute("role", "status");
    const [back, on] = [button("◀", "Earlier rows", turn(-1)), button("▶", "Later rows", turn(1))];
    back.ariaLabel = back.title;
    on.ariaLabel = on.title;
    note.prepend(back, where, on, " · ");
  }
  // "1,204" is a number that is written for people.
  const keyOf = ({ cells }, at) =>
    cells[at].dataset.key ?? cells[at].textContent.replace(/(\\d),(?=\\d{3})/g, "$1");
  const compare = (a, b) => (a - b || (isNaN(a - b) ? (a < b ? -1 : a > b ? 1 : 0) : 0));
  for (const head of heads) {
    const mark = document.createElement("span");
    mark.ariaHidden = true;
    const sort = () => {
      const sign = head.ariaSort === "ascending" ? -1 : 1;
      for (const other of heads) {
        other.removeAttribute("aria-sort");
        other.querySelector("span").textContent = "";
      }
      head.ariaSort = sign > 0 ? "ascending" : "descending";
      mark.textContent = sign > 0 ? " ▲" : " ▼";
      const at = head.cellIndex;
      rows.sort((one, two) => {
        const [a, b] = [keyOf(one, at), keyOf(two, at)];
        return a === "" || b === "" ? (a === "") - (b === "") : sign * compare(a, b);
      });
      first = 0;
      draw();
    };
    const [name] = head.childNodes;
    head.prepend(button([name, mark], "Sort the rows shown", sort));
  }
  const tell = () => {
    const over = scroller.scrollWidth > scroller.clientWidth + 1;
    note.querySelector("span:last-child").textContent = over ? " · the table scrolls sideways" : "";
    scroller.tabIndex = over ? 0 : -1;
    if (over) scroller.setAttribute("role", "region");
    else scroller.removeAttribute("role");
    scroller.ariaLabel = over ? "Table that scrolls sideways" : null;
  };
  new ResizeObserver(tell).observe(scroller);
  draw();
}
`;

/** The script element, in one line: a notebook stores it with every table. */
export const TABLE_SCRIPT = `<script data-notelake>{${SCRIPT.replace(/^ *\/\/.*$/gm, "").replace(/\s*\n\s*/g, " ")}}</script>`;
