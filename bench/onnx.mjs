// ONNX files of chains of Linear and ReLU, written field by field: the format is Protocol Buffers.
// Numbers of fields and types: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto

const [VARINT, BYTES] = [0, 2];
const IR_VERSION = 8;
const OPSET = 13;
const FLOAT = 1;
/** AttributeProto.AttributeType.INT */
const INT_ATTRIBUTE = 2;

const utf8 = new TextEncoder();

/** A whole number in groups of seven bits, the lowest first. */
function varint(value) {
  const bytes = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) + 128);
  return [...bytes, value];
}

/** A message of its fields, `[number, value]` each: a whole number, text, bytes, or a message that this function made. */
export function message(fields) {
  const parts = fields.map(([field, value]) => {
    if (typeof value === "number") return Uint8Array.from([...varint(field * 8 + VARINT), ...varint(value)]);
    const bytes = typeof value === "string" ? utf8.encode(value) : value;
    return joined([Uint8Array.from([...varint(field * 8 + BYTES), ...varint(bytes.length)]), bytes]);
  });
  return joined(parts);
}

function joined(parts) {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** TensorProto: dims 1, data_type 2, name 8, raw_data 9 (little-endian, as all machines that run this are). */
function tensor(name, shape, values) {
  const raw = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return message([...shape.map((size) => [1, size]), [2, FLOAT], [8, name], [9, raw]]);
}

/** NodeProto: input 1, output 2, op_type 4, attribute 5 (AttributeProto: name 1, i 3, type 20). */
function node(type, inputs, output, attributes = {}) {
  const kept = Object.entries(attributes).map(([name, value]) =>
    message([
      [1, name],
      [3, value],
      [20, INT_ATTRIBUTE],
    ]),
  );
  return message([...inputs.map((name) => [1, name]), [2, output], [4, type], ...kept.map((each) => [5, each])]);
}

/** ValueInfoProto of f32[batch, features], any batch: name 1, type 2, down to TensorShapeProto.Dimension (value 1, name 2). */
function matrix(name, features) {
  const dimensions = [[[2, "batch"]], [[1, features]]].map((field) => [1, message(field)]);
  const type = message([
    [1, FLOAT],
    [2, message(dimensions)],
  ]);
  return message([
    [1, name],
    [2, message([[1, type]])],
  ]);
}

/**
 * The bytes of a model that maps `x` f32[batch, inputs] to `y` f32[batch, outputs] through Linear layers with a ReLU between
 * two. ModelProto: ir_version 1, graph 7, opset_import 8; GraphProto: node 1, name 2, initializer 5, input 11, output 12.
 *
 * @param layers `{ ins, outs, weight, bias }`: f32[outs * ins] and f32[outs], as PyTorch holds them
 */
export function onnxModel(layers) {
  const last = layers.length - 1;
  const nodes = layers.flatMap((_, index) => {
    const inputs = [index ? `a${index}` : "x", `w${index}`, `b${index}`];
    if (index === last) return [node("Gemm", inputs, "y", { transB: 1 })];
    return [node("Gemm", inputs, `z${index}`, { transB: 1 }), node("Relu", [`z${index}`], `a${index + 1}`)];
  });
  const weights = layers.flatMap(({ ins, outs, weight, bias }, index) => [
    tensor(`w${index}`, [outs, ins], weight),
    tensor(`b${index}`, [outs], bias),
  ]);
  const graph = message([
    ...nodes.map((each) => [1, each]),
    [2, "mlp"],
    ...weights.map((each) => [5, each]),
    [11, matrix("x", layers[0].ins)],
    [12, matrix("y", layers[last].outs)],
  ]);
  return message([
    [1, IR_VERSION],
    [7, graph],
    [8, message([[2, OPSET]])],
  ]);
}
