import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { entryPoints, includesOf } from "../../src/backend/webgpu/shaders.ts";
import { filesBelow, signatures } from "../support/signatures.ts";

const shadersSuite = suite("shaders");

/** A file of `shaders/` and its structs' fields, bindings and entry points. */
const shaders = filesBelow("shaders", ".wgsl").map((file) => ({ file, text: readFileSync(file, "utf8") }));

/** What an entry point and all that it calls mention, the included files too. */
function reach(text: string, entry: string): string {
  const bodies = new Map(
    Array.from(text.matchAll(/\bfn (\w+)\(.*?\n}/gs), ([body, name = ""]) => [name, body] as const),
  );
  const seen = new Set([entry]);
  for (const name of seen)
    for (const [word] of (bodies.get(name) ?? "").matchAll(/\w+/g)) if (bodies.has(word)) seen.add(word);
  return [...seen].map((name) => bodies.get(name) ?? "").join("\n");
}

const withIncludes = (text: string): string =>
  [text, ...includesOf(text).flatMap((name) => (name === "product" ? ["productRegisters", "productTiles"] : [name]))]
    .map((part, i) => (i === 0 ? part : readFileSync(`shaders/${part}.wgsl`, "utf8")))
    .join("\n");

/** The bindings of an entry point by number: the variable's name and type. */
function bindingsOf(text: string, entry: string): Map<number, { name: string; type: string; mode: string }> {
  const words = new Set(reach(withIncludes(text), entry).match(/\w+/g));
  const pattern = /@binding\((\d+)\)\s*var<(\w+)(?:, (\w+))?>\s*(\w+): ([^;]+);/g;
  return new Map(
    Array.from(text.matchAll(pattern))
      .filter(([, , , , name = ""]) => words.has(name))
      .map(([, at, , mode = "", name = "", type = ""]) => [Number(at), { name, type, mode }]),
  );
}

shadersSuite(
  "each kernel has its shader: the same name, bindings and parameters in the signature's order",
  async () => {
    const wgsl: Readonly<Record<string, string>> = { u32: "u32", i32: "i32", f32: "f32" };
    for (const kernel of await signatures()) {
      const home = shaders.find(({ text }) => entryPoints(text).includes(kernel.name));
      assert.ok(home, `${kernel.name} has no shader`);
      if (home === undefined) continue;
      const bindings = bindingsOf(home.text, kernel.name);
      const struct = bindings.get(0)?.type ?? "";
      const fields = new RegExp(`struct ${struct} \\{([^}]*)\\}`).exec(home.text)?.[1] ?? "";
      assert.equal(
        Array.from(fields.matchAll(/(\w+): (\w+)/g), ([, name, type]) => [name, type]),
        kernel.params.map(([name, type]) => [name, wgsl[type]]),
        `${kernel.name}: fields of ${struct}`,
      );
      [...kernel.reads, ...kernel.writes].forEach((name, i) => {
        const found = bindings.get(i + 1);
        assert.ok(found?.name.startsWith(name), `${kernel.name}: binding ${i + 1} is ${found?.name}, expected ${name}`);
        assert.is(found?.mode, i < kernel.reads.length ? "read" : "read_write", `${kernel.name}: ${name}`);
      });
    }
  },
);

shadersSuite("each file of kernels has its twin, and opens every kernel's comment with the same formula", () => {
  for (const file of filesBelow("assembly", ".ts")) {
    const text = readFileSync(file, "utf8");
    const twin = shaders.find((shader) => basename(shader.file, ".wgsl") === basename(file, ".ts"));
    for (const [, comment = "", name = ""] of text.matchAll(/\/\*\*((?:(?!\*\/).)*)\*\/\nexport function (\w+)\(/gs)) {
      if (twin === undefined || !entryPoints(twin.text).includes(name)) continue;
      const formula = comment.replaceAll(/\s*\n \* /g, " ").split(/ for |\. |: /)[0] ?? "";
      const plain = twin.text.replaceAll("\n// ", " ");
      assert.ok(plain.includes(formula.trim()), `${twin.file}: ${name} should begin with "${formula.trim()}"`);
    }
  }
});

shadersSuite.run();
