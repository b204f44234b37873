/** Where the units of a layer are drawn, in CSS pixels: squares in rows, the first at the left and top. */
export interface Block {
  count: number;
  across: number;
  left: number;
  top: number;
  /** From one square to the next. */
  pitch: number;
  side: number;
}

/** Squares that are smaller show no more than a colour or two. */
export const legible = 14;

/** As large as a unit is drawn where there is room. */
const mostPitch = 52;

/** Room for the names of the inputs. */
const labelWidth = 58;

/** The blocks of all layers, those of inputs and output among them, side by side on a sheet of this size. */
export function layout(width: number, height: number, counts: readonly number[]): Block[] {
  const column = (width - labelWidth) / counts.length;
  return counts.map((count, i) => {
    // Between blocks there is room for links, of which many are not drawn.
    const share = count > 32 ? 0.85 : 0.6;
    let across = 1;
    let pitch = 0;
    for (let n = 1; n <= count; n++) {
      const fit = Math.min((share * column) / n, height / Math.ceil(count / n), mostPitch);
      if (fit > pitch) [across, pitch] = [n, fit];
    }
    const side = 0.84 * pitch;
    const center = labelWidth + (i + 0.5) * column;
    const rows = Math.ceil(count / across);
    return {
      count,
      across,
      pitch,
      side,
      left: center - (across * pitch - (pitch - side)) / 2,
      top: (height - (rows * pitch - (pitch - side))) / 2,
    };
  });
}

/** The middle of a block, from the left. */
export const centerOf = ({ left, across, pitch, side }: Block): number =>
  left + (across * pitch - (pitch - side)) / 2;

/** The top left corner of a unit's square. */
export const cornerOf = ({ left, top, pitch, across }: Block, i: number) => ({
  left: left + (i % across) * pitch,
  top: top + Math.floor(i / across) * pitch,
});
