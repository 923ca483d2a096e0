// A canvas to draw on with mouse, pen or finger.
import { type Image, type Point, type Stroke, toImage } from "./digit.ts";

/** Pixels of the canvas along a side, whatever its size on the screen. */
const SIDE = 560;
/** Of the pen, as a part of the side. */
const PEN = 0.085;
/** Points closer together than this add nothing to a digit. */
const NEAR = 0.008;

/** The pad: what is on it, and how it gets there. */
export class Pad {
  readonly #canvas: HTMLCanvasElement;
  readonly #changed: (isDone: boolean) => void;
  #strokes: Point[][] = [];
  #shown: Image | undefined;
  #pen: number | undefined;

  /** @param changed called with false while a stroke grows, with true at its end and when all is cleared */
  constructor(canvas: HTMLCanvasElement, changed: (isDone: boolean) => void) {
    this.#canvas = canvas;
    this.#changed = changed;
    canvas.width = SIDE;
    canvas.height = SIDE;
    canvas.addEventListener("pointerdown", (event) => this.#down(event));
    canvas.addEventListener("pointermove", (event) => this.#move(event));
    for (const end of ["pointerup", "pointercancel"] as const) canvas.addEventListener(end, (event) => this.#up(event));
    // The ink has the text's colour, which changes with the system's.
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#paint());
  }

  /** What the network is to see; undefined where the pad is empty. */
  get image(): Image | undefined {
    return this.#strokes.length > 0 ? toImage(this.#strokes as readonly Stroke[]) : this.#shown;
  }

  /** Shows an image in place of a drawing, or nothing. */
  show(image?: Image): void {
    this.#strokes = [];
    this.#shown = image;
    this.#pen = undefined;
    this.#paint();
    this.#changed(true);
  }

  #down(event: PointerEvent): void {
    if (event.button !== 0 || this.#pen !== undefined) return; // one finger draws, others do not
    this.#canvas.setPointerCapture(event.pointerId);
    this.#pen = event.pointerId;
    this.#shown = undefined;
    this.#strokes.push([this.#placeOf(event)]);
    this.#paint();
    this.#changed(false);
  }

  #move(event: PointerEvent): void {
    if (event.pointerId !== this.#pen) return;
    const stroke = this.#strokes.at(-1) ?? [];
    // A fast pen moves several times between two frames; older Safari does not tell of the places between.
    for (const each of event.getCoalescedEvents?.() ?? [event]) {
      const last = stroke.at(-1);
      const point = this.#placeOf(each);
      if (last === undefined || Math.hypot(point.x - last.x, point.y - last.y) >= NEAR) stroke.push(point);
    }
    this.#paint();
    this.#changed(false);
  }

  #up(event: PointerEvent): void {
    if (event.pointerId !== this.#pen) return;
    this.#pen = undefined;
    this.#changed(true);
  }

  #placeOf({ clientX, clientY }: PointerEvent): Point {
    const { left, top, width, height } = this.#canvas.getBoundingClientRect();
    const inside = (part: number) => Math.min(1, Math.max(0, part));
    return { x: inside((clientX - left) / width), y: inside((clientY - top) / height) };
  }

  #paint(): void {
    const context = this.#canvas.getContext("2d");
    if (!context) return;
    context.clearRect(0, 0, SIDE, SIDE);
    context.strokeStyle = getComputedStyle(this.#canvas).color;
    context.lineWidth = PEN * SIDE;
    context.lineCap = "round";
    context.lineJoin = "round";
    for (const stroke of this.#strokes) {
      context.beginPath();
      for (const { x, y } of stroke) context.lineTo(x * SIDE, y * SIDE);
      if (stroke.length === 1) context.lineTo(stroke[0]!.x * SIDE + 0.01, stroke[0]!.y * SIDE);
      context.stroke();
    }
    if (this.#shown) this.#paintImage(context, this.#shown);
  }

  /** An image by squares of the ink's colour, as opaque as the pixel is dark. */
  #paintImage(context: CanvasRenderingContext2D, image: Image): void {
    const side = SIDE / 28;
    context.fillStyle = context.strokeStyle;
    image.forEach((value, i) => {
      context.globalAlpha = value;
      if (value > 0) context.fillRect((i % 28) * side, Math.floor(i / 28) * side, side, side);
    });
    context.globalAlpha = 1;
  }
}
