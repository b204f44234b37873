// uses: expm1
// x for x > 0, otherwise α (eˣ − 1). Worst error 1.8 ulps.

fn eluf(x: f32, alpha: f32) -> f32 { return select(alpha * expm1(x), x, x > 0.0); }
