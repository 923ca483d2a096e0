// The changes that WGSL allows, found among its tokens.
import { CALLED_INSTEAD, commutes, MOVED, numbersFor, ORDERED, REPLACED } from "./change.mjs";
import { brackets, wgslTokens } from "./wgslTokens.mjs";

const BARRIER = /^(workgroup|storage)Barrier$/;
const WORDS = new Set([
  "if",
  "for",
  "while",
  "switch",
  "return",
  "else",
  "case",
  "let",
  "var",
  "const",
  "fn",
  "struct",
]);
const DECLARING = new Set([...WORDS, "loop", "default", "continue", "discard"]);

class Finder {
  constructor(text) {
    this.text = text;
    this.tokens = wgslTokens(text);
    this.partner = brackets(this.tokens);
    this.changes = [];
  }

  is(i, text) {
    return this.tokens[i]?.text === text;
  }

  add(operator, from, to, after) {
    this.changes.push({ operator, start: this.tokens[from].start, end: this.tokens[to].end, after });
  }

  slice(from, to) {
    return this.text.slice(this.tokens[from].start, this.tokens[to].end);
  }

  /** Lets two spans of tokens, `[from, to]` each and the left one first, change places. */
  swap([a, b], [c, d]) {
    const [one, other] = [this.slice(a, b), this.slice(c, d)];
    if (one === other) return;
    this.add("swap", a, d, other + this.text.slice(this.tokens[b].end, this.tokens[c].start) + one);
  }

  /** True where a token ends an operand, so that the sign behind it stands between two. */
  endsOperand(i) {
    const token = this.tokens[i];
    if (token === undefined) return false;
    return token.kind === "sign" ? [")", "]"].includes(token.text) : !WORDS.has(token.text);
  }

  /** The first token of the operand that ends with token `i`: names, members, calls, elements, groups. */
  operandBefore(i) {
    let at = i;
    for (;;) {
      if (this.is(at, ")") || this.is(at, "]")) {
        at = this.partner.get(at);
        const caller = this.tokens[at - 1];
        if (this.is(at, "(") && caller?.kind !== "name") return at;
        if (WORDS.has(caller?.text)) return at;
        at--;
      } else if (this.is(at - 1, ".")) at -= 2;
      else return at;
    }
  }

  /** The last token of the operand that begins with token `i`. */
  operandAfter(i) {
    let at = i;
    while (["-", "~", "!", "&", "*"].includes(this.tokens[at].text)) at++;
    if (this.is(at, "(")) at = this.partner.get(at);
    for (;;) {
      if (this.is(at + 1, ".")) at += 2;
      else if (this.is(at + 1, "(") || this.is(at + 1, "[")) at = this.partner.get(at + 1);
      else return at;
    }
  }

  /** The spans between the commas of a bracket. */
  parts(open) {
    const close = this.partner.get(open);
    const found = [];
    let from = open + 1;
    for (let i = open + 1; i <= close; i++) {
      if (i === close || this.is(i, ",")) {
        if (i > from) found.push([from, i - 1]);
        from = i + 1;
      } else if (this.partner.get(i) > i) i = this.partner.get(i);
    }
    return found;
  }

  sign(i) {
    const { text } = this.tokens[i];
    if (text === "!" && !this.endsOperand(i - 1))
      this.changes.push({ operator: "negate", start: this.tokens[i].start, end: this.tokens[i].end, after: "" });
    if (text === "++" || text === "--") this.add("replace", i, i, REPLACED[text]);
    else if (!this.endsOperand(i - 1)) {
      if (text === "-" || text === "~") this.add("replace", i, i, "");
    } else {
      if (text in MOVED) this.add("offByOne", i, i, MOVED[text]);
      if (text in REPLACED) this.add("replace", i, i, REPLACED[text]);
      if (ORDERED.has(text)) this.swap([this.operandBefore(i - 1), i - 1], [i + 1, this.operandAfter(i + 1)]);
    }
  }

  name(i) {
    const { text } = this.tokens[i];
    if (text === "true" || text === "false") this.add("constant", i, i, text === "true" ? "false" : "true");
    if (text === "if" || text === "while") this.condition(i + 1);
    if (text === "for") this.loop(i + 1);
    if (!this.is(i + 1, "(") || WORDS.has(text) || this.is(i - 1, "fn")) return;
    if (CALLED_INSTEAD.has(text)) this.add("replace", i, i, CALLED_INSTEAD.get(text));
    const parts = this.parts(i + 1);
    parts.slice(1).forEach((right, k) => {
      if (!commutes(text, k)) this.swap(parts[k], right);
    });
  }

  /** The condition from token `i` to the block. */
  condition(i) {
    let to = i;
    while (!this.is(to + 1, "{")) to = this.partner.get(to) > to ? this.partner.get(to) : to + 1;
    this.add("negate", i, to, `!(${this.slice(i, to)})`);
  }

  loop(open) {
    const close = this.partner.get(open);
    const ends = [];
    for (let i = open + 1; i < close; i++) {
      if (this.partner.get(i) > i) i = this.partner.get(i);
      else if (this.is(i, ";")) ends.push(i);
    }
    const [first, second] = ends;
    if (second > first + 1) this.add("negate", first + 1, second - 1, `!(${this.slice(first + 1, second - 1)})`);
  }

  /** Assignments, calls, `break` and an `if` without `else`, each from its first token to its last. */
  statement(i) {
    const before = this.tokens[i - 1]?.text;
    if (![";", "{", "}"].includes(before) || this.tokens[i].kind !== "name") return;
    if (this.is(i, "if")) return this.onlyIf(i);
    if (DECLARING.has(this.tokens[i].text)) return;
    let end = i;
    while (!this.is(end, ";")) end = this.partner.get(end) > end ? this.partner.get(end) + 1 : end + 1;
    const operator = BARRIER.test(this.tokens[i].text) ? "dropBarrier" : "dropStatement";
    this.add(operator, i, end, "");
  }

  onlyIf(i) {
    let open = i;
    while (!this.is(open, "{")) open = this.partner.get(open) > open ? this.partner.get(open) + 1 : open + 1;
    const close = this.partner.get(open);
    if (!this.is(close + 1, "else")) this.add("dropStatement", i, close, "");
  }

  /** The token behind an attribute or a declaration that holds no code, else `i` itself. */
  behindSilent(i) {
    if (this.is(i, "@")) return this.is(i + 2, "(") ? this.partner.get(i + 2) + 1 : i + 2;
    if (this.is(i, "struct")) return this.partner.get(i + 2) + 1;
    return i;
  }

  find() {
    let isInBody = 0;
    for (let i = 0; i < this.tokens.length; i++) {
      const next = this.behindSilent(i);
      if (next > i) {
        i = next - 1;
        continue;
      }
      const { kind, text } = this.tokens[i];
      if (text === "{") isInBody = Math.max(isInBody, this.partner.get(i));
      if (i < isInBody && !this.isInHeader(i)) this.statement(i);
      if (kind === "sign") this.sign(i);
      else if (kind === "name") this.name(i);
      else for (const [operator, after] of numbersFor(text)) this.add(operator, i, i, after);
    }
    return this.changes;
  }

  /** True between the brackets of a `for`. */
  isInHeader(i) {
    for (let open = i; open >= 0; open--) {
      if (this.is(open, "{") || this.is(open, "}")) return false;
      if (this.is(open, "(") && this.partner.get(open) > i) return true;
    }
    return false;
  }
}

/** Every change that a shader allows: `{ operator, start, end, after, within }`. */
export const wgslChanges = (text) => new Finder(text).find().map((change) => ({ ...change, within: [] }));
