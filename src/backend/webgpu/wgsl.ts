import adam from "../../../shaders/adam.wgsl";
import add from "../../../shaders/add.wgsl";
import argmax from "../../../shaders/argmax.wgsl";
import bceLoss from "../../../shaders/bceLoss.wgsl";
import bceWithLogits from "../../../shaders/bceWithLogits.wgsl";
import cast from "../../../shaders/cast.wgsl";
import crossEntropy from "../../../shaders/crossEntropy.wgsl";
import div from "../../../shaders/div.wgsl";
import dropout from "../../../shaders/dropout.wgsl";
import eq from "../../../shaders/eq.wgsl";
import exp from "../../../shaders/exp.wgsl";
import fault from "../../../shaders/fault.wgsl";
import fill from "../../../shaders/fill.wgsl";
import gatherBytes from "../../../shaders/gatherBytes.wgsl";
import gatherRows from "../../../shaders/gatherRows.wgsl";
import ge from "../../../shaders/ge.wgsl";
import gt from "../../../shaders/gt.wgsl";
import le from "../../../shaders/le.wgsl";
import linear from "../../../shaders/linear.wgsl";
import linearGradient from "../../../shaders/linearGradient.wgsl";
import log from "../../../shaders/log.wgsl";
import logSoftmax from "../../../shaders/logSoftmax.wgsl";
import lt from "../../../shaders/lt.wgsl";
import matmul from "../../../shaders/matmul.wgsl";
import mean from "../../../shaders/mean.wgsl";
import mseLoss from "../../../shaders/mseLoss.wgsl";
import mul from "../../../shaders/mul.wgsl";
import ne from "../../../shaders/ne.wgsl";
import neg from "../../../shaders/neg.wgsl";
import nllLoss from "../../../shaders/nllLoss.wgsl";
import philox from "../../../shaders/philox.wgsl";
import pow from "../../../shaders/pow.wgsl";
import productRegisters from "../../../shaders/productRegisters.wgsl";
import productTiles from "../../../shaders/productTiles.wgsl";
import reduceLoss from "../../../shaders/reduceLoss.wgsl";
import relu from "../../../shaders/relu.wgsl";
import row from "../../../shaders/row.wgsl";
import runningSum from "../../../shaders/runningSum.wgsl";
import sgd from "../../../shaders/sgd.wgsl";
import sigmoid from "../../../shaders/sigmoid.wgsl";
import softmax from "../../../shaders/softmax.wgsl";
import sqrt from "../../../shaders/sqrt.wgsl";
import stridedCopy from "../../../shaders/stridedCopy.wgsl";
import sub from "../../../shaders/sub.wgsl";
import sum from "../../../shaders/sum.wgsl";
import tanh from "../../../shaders/tanh.wgsl";
import vector from "../../../shaders/vector.wgsl";
import type { Shaders } from "./shaders.ts";

/** Every file of `shaders/`, as the bundler inlines it. */
export const WGSL: Shaders = {
  adam,
  add,
  argmax,
  bceLoss,
  bceWithLogits,
  cast,
  crossEntropy,
  div,
  dropout,
  eq,
  exp,
  fault,
  fill,
  gatherBytes,
  gatherRows,
  ge,
  gt,
  le,
  linear,
  linearGradient,
  log,
  logSoftmax,
  lt,
  matmul,
  mean,
  mseLoss,
  mul,
  ne,
  neg,
  nllLoss,
  philox,
  pow,
  productRegisters,
  productTiles,
  reduceLoss,
  relu,
  row,
  runningSum,
  sgd,
  sigmoid,
  softmax,
  sqrt,
  stridedCopy,
  sub,
  sum,
  tanh,
  vector,
};
