import { suite } from "uvu";
import * as assert from "uvu/assert";
import { entryPoints } from "../../src/backend/webgpu/shaders.ts";
import { WGSL } from "../../src/backend/webgpu/wgsl.ts";
import { filesBelow, signatures } from "../support/signatures.ts";
import { dense } from "../webgpu/cases/dense.ts";
import { elementwise } from "../webgpu/cases/elementwise.ts";
import { losses } from "../webgpu/cases/losses.ts";
import { rows } from "../webgpu/cases/rows.ts";

const twins = suite("twins of kernels");

const CASES = [...elementwise, ...rows, ...losses, ...dense];

twins("every kernel of the package is compared between the devices", async () => {
  const compared = new Set(CASES.map(({ kernel }) => kernel.name));
  const names = (await signatures()).map(({ name }) => name);
  assert.ok(names.length > 70, `${names.length} kernels found`);
  assert.equal(
    names.filter((name) => !compared.has(name)),
    [],
  );
});

twins("every entry point of the shaders belongs to a kernel", async () => {
  const names = new Set((await signatures()).map(({ name }) => name));
  assert.equal(
    Object.values(WGSL)
      .flatMap(entryPoints)
      .filter((name) => !names.has(name)),
    [],
  );
});

twins("every file of shaders travels with the package", () => {
  const files = filesBelow("shaders", ".wgsl").map((file) => file.replace(/^shaders\/|\.wgsl$/g, ""));
  assert.equal(Object.keys(WGSL).sort(), files.sort());
});

twins.run();
