// What the guide's pictures share: a sheet with the charts' colours in light and dark, axes, lines, and texts.
const SANS =
  '-apple-system,"Segoe UI",Roboto,"Helvetica Neue","Noto Sans","Liberation Sans","DejaVu Sans Condensed",Arial,sans-serif';
const LIGHT = "--paper:#fff;--ink:#1a1d23;--soft:#5b626d;--rule:#e2e5ea;--blue:#2f66ad;--orange:#b8480f";
const DARK = "--paper:#14161a;--ink:#e9ebee;--soft:#a0a7b2;--rule:#2b2f37;--blue:#86b4f2;--orange:#f5a074";

/** Text must not run into the lines below it, so it has a border of paper. */
const STYLE = [
  `svg{${LIGHT};font:12.5px ${SANS}}`,
  `@media screen and (prefers-color-scheme:dark){svg{${DARK}}}`,
  ".paper{fill:var(--paper)}text{fill:var(--soft);font-variant-numeric:tabular-nums}",
  ".name{fill:var(--ink);font-size:14px;font-weight:600}.end{text-anchor:end}.middle{text-anchor:middle}",
  "path{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}",
  ".grid{stroke:var(--rule);stroke-width:1}.base{stroke:var(--soft);stroke-width:1}",
  ".blue{stroke:var(--blue)}.orange{stroke:var(--orange)}.thin{stroke-dasharray:1.5 4}",
  ".dot{fill:var(--orange);stroke:var(--paper);stroke-width:1}",
  ".label{font-weight:600;paint-order:stroke;stroke:var(--paper);stroke-width:4px;stroke-linejoin:round}",
  "text.blue{fill:var(--blue);stroke:var(--paper)}text.orange{fill:var(--orange);stroke:var(--paper)}",
  ".room{fill:none;stroke:var(--rule)}.ink{fill:var(--ink)}",
  ".cell{stroke-width:.8;stroke-linecap:butt}.kept{stroke:var(--blue)}.dropped{stroke:var(--rule)}",
].join("");

const escapeMarkup = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
export const coordinate = (value) => String(Number(value.toFixed(2)));

/** A picture that stands alone: paper, what a screen reader says, and what is drawn. Readable at its own width, 400. */
export function sheet({ height, title, description, content }) {
  const width = 400;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"`,
    ` role="img" aria-labelledby="title desc"><title id="title">${escapeMarkup(title)}</title>`,
    `<desc id="desc">${escapeMarkup(description)}</desc><style>${STYLE}</style>`,
    `<rect class="paper" width="${width}" height="${height}" rx="10"/>`,
    content,
    "</svg>\n",
  ].join("");
}

export const text = (x, y, content, classes = "") =>
  `<text class="${classes}" x="${coordinate(x)}" y="${coordinate(y)}">${escapeMarkup(content)}</text>`;

/** A plot's frame: functions from values to coordinates, and the drawn axes. */
export function plot({ top, bottom, left = 52, right, xs, ys, xTicks, yTicks, xName, show = String }) {
  const x = (value) => left + ((value - xs[0]) / (xs[1] - xs[0])) * (right - left);
  const y = (value) => bottom - ((value - ys[0]) / (ys[1] - ys[0])) * (bottom - top);
  const rows = yTicks.map((value, i) => {
    const line = `<path class="${i === 0 ? "base" : "grid"}" d="M${left} ${coordinate(y(value))}H${right}"/>`;
    return line + text(left - 8, y(value) + 4, show(value), "end");
  });
  const columns = xTicks.map((value) => text(x(value), bottom + 19, String(value), "middle"));
  return { x, y, axes: rows.join("") + columns.join("") + text(right + 18, bottom + 19, xName) };
}

/** A line through the points, `[x, y]` in coordinates. */
export const line = (points, classes) =>
  `<path class="${classes}" d="M${points.map(([x, y]) => `${coordinate(x)} ${coordinate(y)}`).join("L")}"/>`;
