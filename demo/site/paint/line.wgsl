// Curves through rows of numbers at equal distances; each instance is the stroke from one to the next, with round ends.

struct Line {
  colour: vec4f,
  size: vec2f,         // of the canvas, in pixels
  range: vec2f,        // the numbers at the bottom and at the top
  count: f32,
  radius: f32,         // half the width, in pixels
}

struct Corner {
  @builtin(position) position: vec4f,
  @location(0) at: vec2f,
  @location(1) @interpolate(flat) ends: vec4f,
}

@group(0) @binding(0) var<uniform> line: Line;
@group(0) @binding(1) var<storage, read> values: array<f32>;

// In pixels, from the bottom left.
fn place(row: u32, i: u32) -> vec2f {
  let y = (values[row * u32(line.count) + i] - line.range.x) / (line.range.y - line.range.x);
  return vec2f(f32(i) / (line.count - 1.0), clamp(y, -4.0, 5.0)) * line.size;
}

@vertex
fn vertex(@builtin(vertex_index) i: u32, @builtin(instance_index) stroke: u32) -> Corner {
  let strokes = u32(line.count) - 1u;
  let row = stroke / strokes;
  let a = place(row, stroke % strokes);
  let b = place(row, stroke % strokes + 1u);
  let along = normalize(b - a) * (line.radius + 1.0);
  let across = vec2f(-along.y, along.x) * (f32(i & 1u) * 2.0 - 1.0);
  let at = select(a - along, b + along, i > 1u) + across;
  return Corner(vec4f(2.0 * at / line.size - 1.0, 0.0, 1.0), at, vec4f(a, b));
}

@fragment
fn fragment(in: Corner) -> @location(0) vec4f {
  let a = in.ends.xy;
  let stroke = in.ends.zw - a;
  let t = clamp(dot(in.at - a, stroke) / dot(stroke, stroke), 0.0, 1.0);
  let distance = length(in.at - a - t * stroke);
  let cover = 1.0 - smoothstep(line.radius - 0.5, line.radius + 0.5, distance);
  return vec4f(line.colour.rgb * cover, cover);
}
