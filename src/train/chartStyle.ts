/** The letters of the charts and the report: what the system has, no file to load. */
export const SANS =
  '-apple-system,"Segoe UI",Roboto,"Helvetica Neue","Noto Sans","Liberation Sans","DejaVu Sans Condensed",Arial,sans-serif';

/** The colours in daylight: text and lines keep a contrast of 4.5 : 1 and more with the paper. */
export const LIGHT = "--paper:#fff;--ink:#1a1d23;--soft:#5b626d;--rule:#e2e5ea;--train:#2f66ad;--validation:#b8480f";

/** The same in the dark. */
export const DARK = "--paper:#14161a;--ink:#e9ebee;--soft:#a0a7b2;--rule:#2b2f37;--train:#86b4f2;--validation:#f5a074";

/** Style of one chart. The lines differ in colour and in their dots, hollow or full, so that grey print keeps them apart. */
export const CHART_STYLE: string = [
  `.curves{${LIGHT};font-family:${SANS};font-size:12.5px}`,
  `@media screen and (prefers-color-scheme:dark){.curves{${DARK}}}`,
  ".curves text{fill:var(--soft);font-variant-numeric:tabular-nums}",
  ".curves .name{fill:var(--ink);font-size:14px;font-weight:600}",
  ".curves .end{text-anchor:end}.curves .middle{text-anchor:middle}",
  ".curves .paper{fill:var(--paper)}",
  ".curves path{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}",
  ".curves .grid,.curves .base{stroke:var(--rule);stroke-width:1}.curves .base{stroke:var(--soft)}",
  ".curves .train path,.curves .train circle{stroke:var(--train)}",
  ".curves .validation path,.curves .validation circle{stroke:var(--validation)}",
  ".curves circle{fill:var(--paper);stroke-width:1.75}.curves .validation circle{fill:var(--validation)}",
  ".curves .label{font-weight:600;paint-order:stroke;stroke:var(--paper);stroke-width:4px;stroke-linejoin:round}",
  ".curves text.train{fill:var(--train)}.curves text.validation{fill:var(--validation)}",
].join("");
