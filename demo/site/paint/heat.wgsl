// Grids of numbers as colours, from `low` through `middle` to `high`; several stand side by side as tiles.

struct Heat {
  low: vec4f,
  middle: vec4f,
  high: vec4f,
  border: vec4f,       // between tiles, and the line half-way
  size: vec2f,         // of all tiles, in pixels
  range: vec2f,        // the numbers that are drawn as low and high
  grid: vec2f,         // columns, rows
  tiles: vec2f,        // in a row, in all
  isLogit: f32,
  isSmooth: f32,
  gap: f32,            // between tiles, in pixels
  lineWidth: f32,
  corner: vec2f,       // of the first tile, in pixels
  first: f32,          // the grid that is the first tile
  isDiscrete: f32,
}

@group(0) @binding(0) var<uniform> heat: Heat;
@group(0) @binding(1) var<storage, read> values: array<f32>;

// One triangle that covers the canvas.
@vertex
fn vertex(@builtin(vertex_index) i: u32) -> @builtin(position) vec4f {
  return vec4f(f32(i & 1u) * 4.0 - 1.0, f32(i >> 1u) * 4.0 - 1.0, 0.0, 1.0);
}

// From −1, low, to 1, high.
fn shade(tile: f32, column: f32, row: f32) -> f32 {
  let c = clamp(column, 0.0, heat.grid.x - 1.0);
  let r = clamp(row, 0.0, heat.grid.y - 1.0);
  let value = values[u32((heat.first + tile) * heat.grid.x * heat.grid.y + r * heat.grid.x + c)];
  let shown = select(value, 1.0 / (1.0 + exp(-value)), heat.isLogit > 0.5);
  return 2.0 * (shown - heat.range.x) / (heat.range.y - heat.range.x) - 1.0;
}

@fragment
fn fragment(@builtin(position) at: vec4f) -> @location(0) vec4f {
  let down = ceil(heat.tiles.y / heat.tiles.x);
  let extent = heat.size / vec2f(heat.tiles.x, down);
  let spot = at.xy - heat.corner;
  // Beside the last row and column lie pixels that serve derivatives alone.
  let place = clamp(floor(spot / extent), vec2f(0.0), vec2f(heat.tiles.x, down) - 1.0);
  let tile = min(place.y * heat.tiles.x + place.x, heat.tiles.y - 1.0);
  let inside = spot - place * extent;

  let cell = inside / (extent - heat.gap) * heat.grid - 0.5;
  let near = floor(cell);
  let part = cell - near;
  let smoothed = mix(
    mix(shade(tile, near.x, near.y), shade(tile, near.x + 1.0, near.y), part.x),
    mix(shade(tile, near.x, near.y + 1.0), shade(tile, near.x + 1.0, near.y + 1.0), part.x),
    part.y);
  let nearest = round(cell);
  let t = clamp(select(shade(tile, nearest.x, nearest.y), smoothed, heat.isSmooth > 0.5), -1.0, 1.0);

  let depth = select(abs(t), 1.0, heat.isDiscrete > 0.5);
  var colour = mix(heat.middle, select(heat.low, heat.high, t > 0.0), depth);
  let slope = fwidth(t);
  let distance = abs(t) / max(slope * heat.lineWidth, 1e-6);
  // Where all around is half-way there is no line.
  let hasLine = slope > 1e-6 && heat.lineWidth > 0.0;
  let line = (1.0 - smoothstep(0.5, 1.5, distance)) * f32(hasLine);
  colour = mix(colour, heat.border, line * 0.7);
  let isGap = any(inside >= extent - heat.gap) || place.y * heat.tiles.x + place.x >= heat.tiles.y;
  return select(colour, vec4f(0.0), isGap && heat.gap > 0.0);
}
