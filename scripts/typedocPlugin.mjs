// What the API site needs beyond typedoc's options: pages named by their headings, links from `@throws` to the errors, and
// tensors whose methods are their own.
import { Converter, ReflectionKind } from "typedoc";

const MDN = "https://developer.mozilla.org/docs/Web/JavaScript/Reference/Global_Objects/";
const BUILT_IN = ["RangeError", "TypeError"];

export function load(app) {
  app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_context, document) => nameByHeading(document));
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => adoptMethods(project));
  app.converter.on(Converter.EVENT_RESOLVE_END, ({ project }) => linkErrors(project));
}

/** A page of the guide is called what its first heading says, not what its file is called. */
function nameByHeading(document) {
  const [, heading] = /^#\s+(.+)$/m.exec(document.content[0]?.text ?? "") ?? [];
  if (heading !== undefined) document.name = heading.replaceAll("`", "");
}

/** `Methods` is how the sources put a tensor's methods in files of their own; to the reader they are the tensor's. */
function adoptMethods(project) {
  const tensor = project.getChildByName("torchlet.Tensor");
  if (tensor === undefined) return;
  tensor.extendedTypes = undefined;
  for (const child of tensor.children ?? [])
    for (const each of [child, ...(child.signatures ?? []), child.getSignature, child.setSignature])
      if (each) each.inheritedFrom = undefined;
}

/** "@throws ShapeError if …" becomes a link to the error's page; several of them become one list. */
function linkErrors(project) {
  const targets = new Map(BUILT_IN.map((name) => [name, MDN + name]));
  for (const each of project.getReflectionsByKind(ReflectionKind.Class))
    if (each.name.endsWith("Error")) targets.set(each.name, each);
  for (const { comment } of Object.values(project.reflections)) {
    const [first, ...others] = comment?.getTags("@throws") ?? [];
    if (first === undefined) continue;
    const bullet = { kind: "text", text: others.length > 0 ? "\n- " : "" };
    first.content = [first, ...others].flatMap(({ content }) => [bullet, ...linked(content, targets)]);
    comment.blockTags = comment.blockTags.filter((tag) => !others.includes(tag));
  }
}

function linked([first, ...rest], targets) {
  const [, name, after] = (first?.kind === "text" && /^(\w+)([\s\S]*)$/.exec(first.text)) || [];
  const target = targets.get(name);
  if (target === undefined) return first === undefined ? [] : [first, ...rest];
  return [{ kind: "inline-tag", tag: "@link", text: name, target }, { kind: "text", text: after }, ...rest];
}
