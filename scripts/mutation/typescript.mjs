// The changes that TypeScript and AssemblyScript (which parses as TypeScript) allow, found in the syntax tree.
import ts from "typescript";
import { CALLED_INSTEAD, commutes, MOVED, numbersFor, ORDERED, REPLACED } from "./change.mjs";

const { SyntaxKind } = ts;

/** Not code that runs: types, and what only names things. */
function isSilent(node) {
  if (ts.isTypeNode(node) && !ts.isExpressionWithTypeArguments(node)) return true;
  return (
    ts.isImportDeclaration(node) ||
    ts.isExportDeclaration(node) ||
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node) ||
    ts.isDecorator(node)
  );
}

/** `([n = 0])`, `x ?? 0`: a value that stands there because a type says that an element may be missing. */
function isDefault({ parent }, node) {
  if (ts.isBindingElement(parent)) return parent.initializer === node && ts.isArrayBindingPattern(parent.parent);
  return ts.isBinaryExpression(parent) && parent.operatorToken.kind === SyntaxKind.QuestionQuestionToken;
}

/** The last name of what is called: `sub` for `f32x4.sub`. */
function calledName({ expression }) {
  if (ts.isIdentifier(expression)) return expression;
  return ts.isPropertyAccessExpression(expression) ? expression.name : undefined;
}

const CONDITION = new Map([
  [SyntaxKind.IfStatement, "expression"],
  [SyntaxKind.WhileStatement, "expression"],
  [SyntaxKind.DoStatement, "expression"],
  [SyntaxKind.ForStatement, "condition"],
  [SyntaxKind.ConditionalExpression, "condition"],
]);

class Finder {
  constructor(file, text) {
    this.source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true, ts.ScriptKind.TS);
    this.text = text;
    this.changes = [];
  }

  textOf(node) {
    return node.getText(this.source);
  }

  add(operator, node, after) {
    const start = node.getStart(this.source);
    this.changes.push({ operator, start, end: node.getEnd(), after });
  }

  /** Lets two nodes, the left one first, change places. */
  swap(left, right) {
    const [one, other] = [this.textOf(left), this.textOf(right)];
    if (one === other) return;
    const start = left.getStart(this.source);
    const between = this.text.slice(left.getEnd(), right.getStart(this.source));
    this.changes.push({ operator: "swap", start, end: right.getEnd(), after: `${other}${between}${one}` });
  }

  visit(node) {
    if (isSilent(node)) return;
    const condition = node[CONDITION.get(node.kind)];
    if (condition !== undefined) this.add("negate", condition, `!(${this.textOf(condition)})`);
    if (ts.isConditionalExpression(node)) this.swap(node.whenTrue, node.whenFalse);
    if (ts.isBinaryExpression(node)) this.binary(node);
    else if (ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node)) this.unary(node);
    else if (ts.isCallExpression(node)) this.call(node);
    else if (ts.isNumericLiteral(node)) this.number(node);
    else if (node.kind === SyntaxKind.TrueKeyword) this.add("constant", node, "false");
    else if (node.kind === SyntaxKind.FalseKeyword) this.add("constant", node, "true");
    else this.statement(node);
    ts.forEachChild(node, (child) => this.visit(child));
  }

  binary({ left, operatorToken, right }) {
    const operator = this.textOf(operatorToken);
    if (operator in MOVED) this.add("offByOne", operatorToken, MOVED[operator]);
    if (operator in REPLACED) this.add("replace", operatorToken, REPLACED[operator]);
    if (ORDERED.has(operator)) this.swap(left, right);
  }

  unary(node) {
    const sign = { [SyntaxKind.PlusPlusToken]: "++", [SyntaxKind.MinusMinusToken]: "--" }[node.operator];
    const operand = this.textOf(node.operand);
    if (sign !== undefined) {
      const after = ts.isPrefixUnaryExpression(node) ? REPLACED[sign] + operand : operand + REPLACED[sign];
      this.add("replace", node, after);
    } else if (node.operator === SyntaxKind.ExclamationToken) this.add("negate", node, operand);
    else this.add("replace", node, operand); // -x, ~x
  }

  call(node) {
    const name = calledName(node);
    const text = name === undefined ? "" : this.textOf(name);
    if (CALLED_INSTEAD.has(text)) this.add("replace", name, CALLED_INSTEAD.get(text));
    node.arguments.slice(1).forEach((right, i) => {
      if (!commutes(text, i)) this.swap(node.arguments[i], right);
    });
  }

  number(node) {
    if (isDefault(node, node)) return;
    if (ts.isPropertyAssignment(node.parent) && node.parent.name === node) return;
    for (const [operator, after] of numbersFor(this.textOf(node))) this.add(operator, node, after);
  }

  statement(node) {
    const isAlone = ts.isIfStatement(node) && node.elseStatement === undefined;
    const isJump = ts.isThrowStatement(node) || ts.isBreakStatement(node) || ts.isContinueStatement(node);
    if (ts.isExpressionStatement(node) || isAlone || isJump) this.add("dropStatement", node, ";");
  }
}

/** The properties that a place lies in, from the outside: `["split", "cost"]`. */
function propertiesAt(source, position) {
  const names = [];
  const descend = (node) => {
    if (position < node.getStart(source) || position >= node.getEnd()) return;
    if (ts.isPropertyAssignment(node) || ts.isMethodDeclaration(node)) names.push(node.name.getText(source));
    ts.forEachChild(node, descend);
  };
  descend(source);
  return names;
}

/** Every change that a file allows: `{ operator, start, end, after, within }`. */
export function typescriptChanges(file, text) {
  const finder = new Finder(file, text);
  finder.visit(finder.source);
  return finder.changes.map((change) => ({ ...change, within: propertiesAt(finder.source, change.start) }));
}
