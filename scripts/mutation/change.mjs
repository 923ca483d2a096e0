// What both languages share: a change is a piece of text that becomes another, by an operator of the six.

/** The operators by name, as the summary counts them. */
export const OPERATORS = {
  negate: "negate a condition",
  offByOne: "off by one",
  swap: "swap operands",
  dropBarrier: "drop a barrier",
  dropStatement: "drop a statement",
  constant: "change a constant",
  replace: "replace an operator",
};

/** What becomes of an operator between two operands, or of one that assigns. */
export const REPLACED = {
  "+": "-", "-": "+", "*": "/", "/": "*", "%": "*", "<<": ">>", ">>": "<<", ">>>": "<<", "&": "|", "|": "&", "^": "&",
  "&&": "||", "||": "&&", "==": "!=", "!=": "==", "===": "!==", "!==": "===", "+=": "-=", "-=": "+=", "*=": "+=",
  "/=": "*=", "<<=": ">>=", ">>=": "<<=", ">>>=": "<<=", "&=": "|=", "|=": "&=", "^=": "&=", "++": "--", "--": "++",
}; // biome-ignore format: a table

/** Comparisons whose end moves by one. */
export const MOVED = { "<": "<=", "<=": "<", ">": ">=", ">=": ">" };

/** Operators whose operands may not change places. */
export const ORDERED = new Set(["-", "/", "%", "<<", ">>", ">>>", "<", "<=", ">", ">=", "**"]);

/** Functions that are told apart by one word, by the last name of the call. */
const RELATED = [
  ["add", "sub"],
  ["mul", "add"],
  ["div", "mul"],
  ["sub", "add"],
  ["min", "max"],
  ["max", "min"],
  ["lt", "le"],
  ["le", "lt"],
  ["gt", "ge"],
  ["ge", "gt"],
  ["eq", "ne"],
  ["ne", "eq"],
  ["and", "or"],
  ["or", "and"],
  ["xor", "or"],
  ["shl", "shr_u"],
  ["shr_u", "shl"],
  ["shr_s", "shr_u"],
  ["floor", "ceil"],
  ["ceil", "floor"],
  ["any_true", "all_true"],
  ["all_true", "any_true"],
  ["any", "all"],
  ["all", "any"],
  ["extend_low_i16x8_u", "extend_high_i16x8_u"],
  ["extend_low_i8x16_u", "extend_high_i8x16_u"],
  ["lowDoubles", "highDoubles"],
  ["highDoubles", "lowDoubles"],
];
export const CALLED_INSTEAD = new Map(RELATED);

/** Calls whose arguments may change places without changing the result. */
const COMMUTING = new Set(["add", "mul", "min", "max", "eq", "ne", "and", "or", "xor", "imul"]);
/** Whether arguments `i` and `i + 1` of a call may; the two factors of a multiplication with addition always may. */
export const commutes = (name, i) => COMMUTING.has(name) || (i === 0 && /^(mulAdd|fma)$/.test(name));

const NUMBER = /^(0[xX][\da-fA-F_]+|\d[\d_]*\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)([a-z]?)$/;

function written(value, { hex, fraction }) {
  if (hex) return `0x${value.toString(16)}`;
  const text = String(value);
  return fraction && !/[.e]/.test(text) ? `${text}.0` : text;
}

/**
 * What a number may become, as `[operator, text]`: one more, one less, and twice as much (0 for 1). Fractions are doubled only.
 * Whole numbers from 2^53 on are left alone.
 */
export function numbersFor(text) {
  const [, digits = "", suffix = ""] = NUMBER.exec(text) ?? [];
  const value = Number(digits.replaceAll("_", ""));
  if (digits === "" || !Number.isFinite(value) || value >= 2 ** 53) return [];
  const hex = /^0x/i.test(digits);
  const form = { hex, fraction: !hex && /[.eE]/.test(digits) };
  const show = (changed) => written(changed, form) + suffix;
  if (form.fraction) return [["constant", show(value === 0 ? 1 : 2 * value)]];
  const whole = [["offByOne", show(value + 1)]];
  if (value > 0) whole.push(["offByOne", show(value - 1)]);
  if (value > 1) whole.push(["constant", show(2 * value)]);
  return whole;
}
