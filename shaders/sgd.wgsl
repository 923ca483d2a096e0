struct Params {
  n: u32,
  lr: f32,
  momentum: f32,
  dampening: f32,
  weightDecay: f32,
  nesterov: u32,
  first: u32,
  maximize: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> g: array<f32>;
@group(0) @binding(2) var<storage, read_write> p: array<f32>;
@group(0) @binding(3) var<storage, read_write> buf: array<f32>;

// p[i] -= lr d for i < n, d = (maximize ? -g : g) + weightDecay p; with momentum buf = first ? d : momentum buf + (1 -
// dampening) d, then d = nesterov ? d + momentum buf : buf. One invocation takes elements i, i + stride, …; g and p are
// f32[n], and so is buf; p and buf change in place. With momentum 0, buf is neither read nor written and may be shorter;
// with first 1 (the first step), it is not read.
@compute @workgroup_size(64)
fn sgd(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
  let fresh = 1.0 - params.dampening;
  for (var i = id.x; i < params.n; i += groups.x * 64u) {
    let value = p[i];
    var slope = select(g[i], -g[i], params.maximize != 0u);
    if (params.weightDecay != 0.0) {
      slope = slope + params.weightDecay * value;
    }
    if (params.momentum != 0.0) {
      var velocity = slope;
      if (params.first == 0u) {
        velocity = buf[i] * params.momentum + fresh * slope;
      }
      buf[i] = velocity;
      slope = select(velocity, slope + params.momentum * velocity, params.nesterov != 0u);
    }
    p[i] = value - params.lr * slope;
  }
}
