// From pen strokes to what MNIST's makers would have scanned: the digit in a box of 20 × 20, its centre of mass in the middle of
// 28 × 28. A network that learned from MNIST has seen nothing else, and fails on digits that are small or off the centre.

/** An image as the network takes it: 28 × 28 values from 0 (paper) to 1 (ink), row by row. */
export type Image = Float32Array;

/** A place on the pad: 0 to 1 from left to right and from top to bottom. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

export type Stroke = readonly Point[];

const SIZE = 28;
const BOX = 20;
/** Of the pen, in pixels of the image; the test set's "1" has as much ink as if it were 2.6 wide. */
const PEN = 2.6;
/** A drawing is enlarged as if it were at least this long, so that a dot stays a dot. */
const SHORTEST = 0.15;

/** The image of a drawing, from 0 (paper) to 1 (ink). Without a stroke it is all paper. */
export function toImage(strokes: readonly Stroke[]): Image {
  const lines = strokes.flatMap(segments);
  const image = new Float32Array(SIZE * SIZE);
  if (lines.length === 0) return image;
  const place = placeOf(strokes.flat(), lines);
  const placed = lines.map(([a, b]): Segment => [place(a), place(b)]);
  for (let i = 0; i < image.length; i++) {
    const centre = { x: (i % SIZE) + 0.5, y: Math.floor(i / SIZE) + 0.5 };
    let nearest = Number.POSITIVE_INFINITY;
    for (const line of placed) nearest = Math.min(nearest, squaredDistance(line, centre));
    // The edge fades over one pixel, as a scan's does.
    image[i] = Math.min(1, Math.max(0, PEN / 2 + 0.5 - Math.sqrt(nearest)));
  }
  return image;
}

type Segment = readonly [Point, Point];

/** A stroke's pieces; a tap is a piece without length. */
function segments(stroke: Stroke): Segment[] {
  const [first] = stroke;
  if (first === undefined) return [];
  if (stroke.length === 1) return [[first, first]];
  return stroke.slice(1).map((point, i): Segment => [stroke[i] as Point, point]);
}

/** From the pad to the image: the longer side fills the box, and the centre of mass comes to the middle. */
function placeOf(points: readonly Point[], lines: readonly Segment[]): (point: Point) => Point {
  const xs = points.map(({ x }) => x);
  const ys = points.map(({ y }) => y);
  const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const scale = (BOX - PEN) / Math.max(right - left, bottom - top, SHORTEST);
  const centre = centreOf(lines);
  // MNIST's images have their mean at pixel 14 of 0 to 27, whose middle lies at 14.5. No ink may leave the image.
  const shift = (low: number, high: number, middle: number) => {
    const least = PEN / 2 - low * scale;
    const most = SIZE - PEN / 2 - high * scale;
    return Math.min(most, Math.max(least, 14.5 - middle * scale));
  };
  const [dx, dy] = [shift(left, right, centre.x), shift(top, bottom, centre.y)];
  return ({ x, y }) => ({ x: x * scale + dx, y: y * scale + dy });
}

/** The centre of mass of lines of even width. */
function centreOf(lines: readonly Segment[]): Point {
  let [x, y, mass] = [0, 0, 0];
  for (const [a, b] of lines) {
    const weight = Math.hypot(b.x - a.x, b.y - a.y) + 1e-6; // dots weigh something, too
    x += (weight * (a.x + b.x)) / 2;
    y += (weight * (a.y + b.y)) / 2;
    mass += weight;
  }
  return { x: x / mass, y: y / mass };
}

function squaredDistance([a, b]: Segment, point: Point): number {
  const dx = b.x - a.x;
  const dy = b.y - a.y;
  const along = ((point.x - a.x) * dx + (point.y - a.y) * dy) / (dx * dx + dy * dy || 1);
  const t = Math.min(1, Math.max(0, along));
  return (point.x - a.x - t * dx) ** 2 + (point.y - a.y - t * dy) ** 2;
}
