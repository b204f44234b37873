// Curves from places to places, each as thick as its number is large, and transparent where it would be thin.

struct Links {
  negative: vec4f,
  positive: vec4f,
  size: vec2f,         // of the canvas, in pixels
  padding: vec2f,
  right: f32,          // how many places there are on the right
  width: f32,          // of the number 1, in pixels
  pixelRatio: f32,
  spots: array<vec4f, 128>,  // places on the left, and on the right, in pixels from the top left
}

struct Corner {
  @builtin(position) position: vec4f,
  @location(0) across: f32,
  @location(1) @interpolate(flat) width: f32,
  @location(2) @interpolate(flat) colour: vec4f,
}

const pieces = 16.0;

@group(0) @binding(0) var<uniform> links: Links;
@group(0) @binding(1) var<storage, read> values: array<f32>;

@vertex
fn vertex(@builtin(vertex_index) i: u32, @builtin(instance_index) link: u32) -> Corner {
  let value = values[link];
  let width = clamp(abs(value) * links.width, 0.0, 7.0 * links.pixelRatio);
  let a = links.spots[link / u32(links.right)].xy;
  let b = links.spots[link % u32(links.right)].zw;
  let t = f32(i >> 1u) / pieces;
  let at = vec2f(mix(a.x, b.x, t), mix(a.y, b.y, t * t * (3.0 - 2.0 * t)));
  let along = normalize(vec2f(b.x - a.x, (b.y - a.y) * 6.0 * t * (1.0 - t)));
  let across = (f32(i & 1u) * 2.0 - 1.0) * (0.5 * width + 1.0);
  let place = at + vec2f(-along.y, along.x) * across;
  let position = vec2f(2.0, -2.0) * place / links.size + vec2f(-1.0, 1.0);
  let colour = select(links.positive, links.negative, value < 0.0);
  return Corner(vec4f(position, 0.0, 1.0), across, width, colour);
}

@fragment
fn fragment(in: Corner) -> @location(0) vec4f {
  let radius = max(0.5 * in.width, 0.5);
  let edge = 1.0 - smoothstep(radius - 0.5, radius + 0.5, abs(in.across));
  let cover = 0.75 * edge * min(1.0, in.width + 0.08);
  return vec4f(in.colour.rgb * cover, cover);
}
