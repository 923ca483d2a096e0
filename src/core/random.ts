export { Generator, type GeneratorState } from "./random/generator.ts";
