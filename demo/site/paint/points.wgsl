// A dot with a rim for each point: x, y, and its colour, 0 or 1.

struct Points {
  zero: vec4f,
  one: vec4f,
  rim: vec4f,
  view: vec4f,         // x from, x to, y from, y to
  size: vec2f,         // of the canvas, in pixels
  radius: f32,         // in pixels
  rimWidth: f32,
}

struct Corner {
  @builtin(position) position: vec4f,
  @location(0) offset: vec2f,
  @location(1) colour: vec4f,
}

@group(0) @binding(0) var<uniform> look: Points;
@group(0) @binding(1) var<storage, read> points: array<f32>;

@vertex
fn vertex(@builtin(vertex_index) i: u32, @builtin(instance_index) point: u32) -> Corner {
  let x = points[3u * point];
  let y = points[3u * point + 1u];
  let at = vec2f(
    2.0 * (x - look.view.x) / (look.view.y - look.view.x) - 1.0,
    2.0 * (y - look.view.z) / (look.view.w - look.view.z) - 1.0);
  let corner = vec2f(f32(i & 1u) * 2.0 - 1.0, f32(i >> 1u) * 2.0 - 1.0);
  let offset = corner * (look.radius + look.rimWidth + 1.0);
  let colour = mix(look.zero, look.one, points[3u * point + 2u]);
  return Corner(vec4f(at + 2.0 * offset / look.size, 0.0, 1.0), offset, colour);
}

@fragment
fn fragment(in: Corner) -> @location(0) vec4f {
  let distance = length(in.offset);
  let colour = mix(in.colour, look.rim, smoothstep(look.radius - 0.5, look.radius + 0.5, distance));
  let rim = look.radius + look.rimWidth;
  let cover = 1.0 - smoothstep(rim - 0.5, rim + 0.5, distance);
  return vec4f(colour.rgb * cover, cover);
}
