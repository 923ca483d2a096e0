// include vector, runningSum

struct Params {
  n: u32,
  mean: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> loss: array<f32>;
@group(0) @binding(2) var<storage, read> picked: array<f32>;
@group(0) @binding(3) var<storage, read_write> out: array<f32>;

// out[0] = mean ? Σ loss / Σ picked : Σ loss and out[1] = mean ? 1 / Σ picked : 1, the factor of every row's gradient. One
// workgroup does it all, each lane elements lane, lane + 64, … and then a tree; loss and picked are f32[n], out is f32[2].
// With nothing picked the mean is NaN. picked is not read unless mean is 1.
@compute @workgroup_size(64)
fn reduceLoss(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
  if (group.x > 0u) {
    return;
  }
  var losses = RunningSum();
  for (var i = lane; i < params.n; i += 64u) {
    addTerm(&losses, loss[i]);
  }
  let total = workgroupSum(lane, totalOf(losses));
  var count = 1.0;
  if (params.mean != 0u) {
    var picks = RunningSum();
    for (var i = lane; i < params.n; i += 64u) {
      addTerm(&picks, picked[i]);
    }
    count = workgroupSum(lane, totalOf(picks));
  }
  if (lane == 0u) {
    out[0] = select(total / count, nan(), total == 0.0 && count == 0.0);
    out[1] = select(1.0 / count, infinity(), count == 0.0);
  }
}
