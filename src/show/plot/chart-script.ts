import { THEME } from "../theme.ts";

/**
 * What a chart does where scripts run, which is in a notebook that is trusted: it takes the colours of
 * the theme, says what a point or bar is when it is pointed at, is saved by a button, and says whether it
 * scrolls. Text, and no function made text, so that the same is stored whoever compiled this file.
 */
const SCRIPT = `
const box = document.currentScript?.previousElementSibling;
const image = box?.querySelector("img");
if (image) {
  const source = image.src;
  const bytes = Uint8Array.from(atob(source.split(",")[1]), (sign) => sign.charCodeAt(0));
  const file = new DOMParser().parseFromString(new TextDecoder().decode(bytes), "image/svg+xml");
  const picture = document.importNode(file.documentElement, true);
  picture.style.cssText = image.style.cssText;
  picture.style.color = "${THEME.text}";
  picture.style.fontFamily = "${THEME.sans}";
  image.replaceWith(picture);
  const save = (address, format) => {
    const link = document.createElement("a");
    link.href = address;
    link.download = "chart." + format;
    link.click();
  };
  const button = (format, press) => {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = format;
    made.ariaLabel = "Save the chart as " + format;
    made.style = "all:unset;outline:revert;cursor:pointer;text-decoration:underline;margin-left:.6em";
    made.onclick = press;
    return made;
  };
  const draw = () => {
    const drawn = new Image();
    drawn.onload = () => {
      const canvas = document.createElement("canvas");
      canvas.width = 2 * drawn.width;
      canvas.height = 2 * drawn.height;
      canvas.getContext("2d").drawImage(drawn, 0, 0, canvas.width, canvas.height);
      save(canvas.toDataURL(), "png");
    };
    drawn.src = source;
  };
  const line = document.createElement("div");
  line.style = "font-size:12px;color:${THEME.faint};font-family:${THEME.sans}";
  line.append("Save as", button("SVG", () => save(source, "svg")), button("PNG", draw));
  const scrolls = document.createElement("span");
  line.append(scrolls);
  box.after(line);
  new ResizeObserver(() => {
    const over = box.scrollWidth > box.clientWidth + 1;
    scrolls.textContent = over ? " · the chart scrolls sideways" : "";
    box.tabIndex = over ? 0 : -1;
    if (over) box.setAttribute("role", "region");
    else box.removeAttribute("role");
    box.ariaLabel = over ? "Chart that scrolls sideways" : null;
  }).observe(box);
}
`;

/** The script element, in one line: a notebook stores it with every chart. */
export const CHART_SCRIPT = `<script data-notelake>{${SCRIPT.replace(/\s*\n\s*/g, " ")}}</script>`;
