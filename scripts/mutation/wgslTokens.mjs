// A tokenizer for WGSL: enough to tell code from comments, attributes and types.

const SKIPPED = /\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\//y;
const TEMPLATE = /(?:array|vec[234]|mat[234]x[234]|ptr|atomic|var|bitcast)\s*</y;
const NAME = /[A-Za-z_]\w*/y;
const NUMBER = /(?:0[xX][\da-fA-F]+|\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)[iufh]?/y;
const SIGN = /<<=|>>=|&&|\|\||<<|>>|<=|>=|==|!=|\+=|-=|\*=|\/=|%=|&=|\|=|\^=|\+\+|--|->|[-+*/%&|^~!<>=(){}[\],;:.@]/y;

const matchAt = (pattern, text, at) => {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
};

/** The end of `array<vec2<u32>, 9>`, whose `<` is the first from `at` on. */
function endOfTemplate(text, at) {
  let depth = 0;
  for (let i = text.indexOf("<", at); i < text.length; i++) {
    if (text[i] === "<") depth++;
    if (text[i] === ">" && --depth === 0) return i + 1;
  }
  throw new SyntaxError(`a type that begins at ${at} has no end`);
}

/**
 * Tokens as `{ kind, text, start, end }`; `kind` is name, number or sign. A type with parameters is one name.
 *
 * @throws SyntaxError for a character that no token begins with
 */
export function wgslTokens(text) {
  const tokens = [];
  for (let at = 0; at < text.length; ) {
    const skipped = matchAt(SKIPPED, text, at);
    if (skipped !== undefined) {
      at += skipped.length;
      continue;
    }
    const template = matchAt(TEMPLATE, text, at) !== undefined ? text.slice(at, endOfTemplate(text, at)) : undefined;
    const name = template ?? matchAt(NAME, text, at);
    const number = name === undefined ? matchAt(NUMBER, text, at) : undefined;
    const found = name ?? number ?? matchAt(SIGN, text, at);
    if (found === undefined) throw new SyntaxError(`WGSL: no token begins with "${text.slice(at, at + 10)}"`);
    const kind = name !== undefined ? "name" : number !== undefined ? "number" : "sign";
    tokens.push({ kind, text: found, start: at, end: at + found.length });
    at += found.length;
  }
  return tokens;
}

const PAIRS = { "(": ")", "[": "]", "{": "}" };

/** For each opening or closing bracket the index of the other one. */
export function brackets(tokens) {
  const partner = new Map();
  const open = [];
  tokens.forEach(({ text, kind }, i) => {
    if (kind !== "sign") return;
    if (text in PAIRS) open.push(i);
    if (!Object.values(PAIRS).includes(text)) return;
    const first = open.pop();
    if (first === undefined) throw new SyntaxError(`WGSL: "${text}" closes nothing`);
    partner.set(first, i);
    partner.set(i, first);
  });
  return partner;
}
