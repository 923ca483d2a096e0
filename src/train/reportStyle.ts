import { DARK, LIGHT, SANS } from "./chartStyle.ts";

const MONO = 'ui-monospace,"SF Mono",Menlo,Consolas,"Liberation Mono","DejaVu Sans Mono",monospace';

/** Style of the report: one column up to 760 px, two for epochs and settings beyond, paper size and black text in print. */
export const REPORT_STYLE: string = [
  `:root{color-scheme:light dark;${LIGHT}}`,
  `@media screen and (prefers-color-scheme:dark){:root{${DARK}}}`,
  "*{box-sizing:border-box}",
  `body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 ${SANS};-webkit-text-size-adjust:100%}`,
  "main{max-width:920px;margin:0 auto;padding:clamp(24px,6vw,64px) clamp(16px,4vw,32px)}",
  "h1{margin:0;font-size:clamp(26px,4.5vw,36px);line-height:1.15;font-weight:650;letter-spacing:-.015em;overflow-wrap:anywhere}",
  "h2{margin:0 0 12px;font-size:15px;line-height:1.4;font-weight:600}",
  ".sub{margin:8px 0 0;color:var(--soft)}",
  ".results{display:grid;grid-template-columns:repeat(4,1fr);gap:20px 28px;margin:36px 0 44px;padding:20px 0;" +
    "border:solid var(--rule);border-width:1px 0}",
  ".results dt{color:var(--soft);font-size:13px}",
  ".results dd{margin:0;font-size:13px;color:var(--soft)}",
  ".results strong{display:block;color:var(--ink);font-size:25px;line-height:1.3;font-weight:600;letter-spacing:-.01em;" +
    "font-variant-numeric:tabular-nums;white-space:nowrap}",
  ".charts{display:grid;grid-template-columns:1fr 1fr;gap:32px 40px;margin:0 0 48px}",
  ".charts svg{display:block;width:100%;max-width:480px;height:auto}",
  ".columns{display:grid;grid-template-columns:minmax(0,1fr) 250px;gap:48px 56px;align-items:start}",
  "section{min-width:0}",
  "table{width:100%;border-collapse:collapse;font-size:14px;font-variant-numeric:tabular-nums}",
  "th,td{padding:6px 0 6px 10px;text-align:right;font-weight:400;border-bottom:1px solid var(--rule)}",
  "th:first-child,td:first-child{padding-left:0;text-align:left}",
  "thead th{padding-top:0;color:var(--soft);font-size:13px;line-height:1.35;vertical-align:bottom;border-color:var(--soft)}",
  "thead .train{color:var(--train);font-weight:600}thead .validation{color:var(--validation);font-weight:600}",
  "tbody th{color:var(--soft)}",
  ".none{margin:0;color:var(--soft)}",
  "td.best{font-weight:700}",
  "caption{caption-side:bottom;padding-top:10px;text-align:left;color:var(--soft);font-size:13px}",
  ".settings{margin:0;font-size:14px}",
  ".settings div{display:flex;justify-content:space-between;gap:16px;padding:6px 0;border-bottom:1px solid var(--rule)}",
  ".settings dt{color:var(--soft)}",
  ".settings dd{margin:0;min-width:0;text-align:right;overflow-wrap:anywhere;font-variant-numeric:tabular-nums}",
  ".model{margin-top:48px}",
  `pre{margin:0;overflow-x:auto;font:12.5px/1.3 ${MONO}}`,
  "pre:focus-visible{outline:2px solid var(--train);outline-offset:2px}",
  "@media screen and (max-width:760px){.results{grid-template-columns:1fr 1fr}.charts,.columns{grid-template-columns:minmax(0,1fr)}}",
  "@media(max-width:420px){table{font-size:13px}th,td{padding-left:6px}thead th{font-size:12px}pre{font-size:11px}}",
  "@page{margin:16mm}",
  "@media print{body{font-size:11pt}.columns{gap:32px;grid-template-columns:minmax(0,1fr) 190px}main{max-width:none;padding:0}pre{font-size:7.5pt;overflow:visible}" +
    "svg,tr,.results,.settings div{break-inside:avoid}h2{break-after:avoid}thead{display:table-header-group}}",
].join("\n");
