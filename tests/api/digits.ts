/** Pictures of 28 × 28 pixels that tell ten classes apart: a bar for each, with some noise. */
export function digits(n: number): { images: Float32Array; labels: Int32Array; n: number } {
  const images = new Float32Array(n * 784);
  const labels = Int32Array.from({ length: n }, (_, i) => (i * 7) % 10);
  for (let i = 0; i < images.length; i++) {
    const row = Math.floor((i % 784) / 28);
    const bright = Math.floor(row / 3) === labels[Math.floor(i / 784)];
    images[i] = (bright ? 0.8 : 0.1) + 0.1 * Math.sin(i * i);
  }
  return { images, labels, n };
}
