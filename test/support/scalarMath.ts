import type { ScalarMath } from "../../src/core/scalarMath.ts";
import { kernels } from "./kernels.ts";

type Unary = (x: number) => number;

const unary = (name: string) => kernels[name] as Unary;

/** The float64 functions of the built kernels, so that a test of random numbers needs no backend. */
export const scalarMath: ScalarMath = {
  log1p: unary("scalarLog1p"),
  sin: unary("scalarSin"),
  cos: unary("scalarCos"),
  exp: unary("scalarExp"),
  log: unary("scalarLog"),
  pow: kernels["scalarPow"] as ScalarMath["pow"],
};
