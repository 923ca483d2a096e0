// The high half of the 64-bit product, by 16-bit halves: nothing overflows.
fn mulHigh(a: u32, b: u32) -> u32 {
  let aLow = a & 0xffffu;
  let aHigh = a >> 16u;
  let bLow = b & 0xffffu;
  let bHigh = b >> 16u;
  let left = aHigh * bLow;
  let right = aLow * bHigh;
  let middle = ((aLow * bLow) >> 16u) + (left & 0xffffu) + (right & 0xffffu);
  return aHigh * bHigh + (left >> 16u) + (right >> 16u) + (middle >> 16u);
}

// Philox4x32-10 (Salmon et al. 2011, Random123): the words of the counter (block, 0, offset) under the key (seed). Word i of a
// tensor's stream belongs to its element i: word i & 3 of block i >> 2.
fn philox(block: u32, offsetLow: u32, offsetHigh: u32, seedLow: u32, seedHigh: u32) -> vec4u {
  var x = vec4u(block, 0u, offsetLow, offsetHigh);
  var key0 = seedLow;
  var key1 = seedHigh;
  for (var round = 0; round < 10; round++) {
    let high0 = mulHigh(x.x, 0xd2511f53u);
    let low0 = x.x * 0xd2511f53u;
    let high1 = mulHigh(x.z, 0xcd9e8d57u);
    let low1 = x.z * 0xcd9e8d57u;
    x = vec4u(high1 ^ x.y ^ key0, low1, high0 ^ x.w ^ key1, low0);
    key0 += 0x9e3779b9u;
    key1 += 0xbb67ae85u;
  }
  return x;
}
