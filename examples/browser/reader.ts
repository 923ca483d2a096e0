// The drawing: what the network sees of it, and what it takes it for.
import type { Image } from "./digit.ts";
import { element } from "./element.ts";
import { Pad } from "./pad.ts";
import type { Ask, Tell } from "./protocol.ts";

const percent = (value: number): string => `${(value * 100).toFixed(value > 0.9995 ? 0 : 1)} %`;

/** Sends the drawing to the network whenever it or the network has changed, one question at a time, and shows the answer. */
export class Reader {
  readonly #ask: (ask: Ask) => void;
  readonly #pad = new Pad(element("pad", HTMLCanvasElement), (isDone) => this.#changed(isDone));
  readonly #bars = element("bars", HTMLOListElement);
  /** Whether an answer is due, and whether another question follows it. */
  #isWaiting = false;
  #isChanged = false;
  /** Whether the next answer is said aloud: after a stroke, not after every step of training. */
  #isNews = false;
  #origin = "";

  constructor(ask: (ask: Ask) => void) {
    this.#ask = ask;
    for (let digit = 0; digit < 10; digit++) {
      const item = document.createElement("li");
      item.innerHTML = `<i></i>${digit}<span class="hidden"></span>`;
      this.#bars.append(item);
    }
    element("clear", HTMLButtonElement).addEventListener("click", () => this.#pad.show());
    element("sample", HTMLButtonElement).addEventListener("click", () => ask({ kind: "sample" }));
    this.#show([]);
  }

  /** Forgets what was asked: another network answers from now on. */
  reset(): void {
    this.#isWaiting = false;
    this.#isChanged = false;
  }

  /** Asks again, as the network has changed. */
  refresh(): void {
    const { image } = this.#pad;
    if (image === undefined) return;
    if (this.#isWaiting) {
      this.#isChanged = true;
      return;
    }
    this.#isWaiting = true;
    this.#isChanged = false;
    this.#ask({ kind: "read", image });
  }

  /** Takes an answer of the network. */
  hear(tell: Exclude<Tell, { kind: "ready" | "done" }>): void {
    if (tell.kind === "sample") {
      this.#pad.show(tell.image);
      this.#origin = `test image ${tell.index.toLocaleString("en")}, labelled ${tell.label}`;
      return;
    }
    this.#isWaiting = false;
    if (tell.kind === "trouble") element("sure", HTMLElement).textContent = tell.message;
    else if (this.#pad.image !== undefined) this.#show(tell.probabilities);
    if (this.#isChanged) this.refresh();
  }

  #changed(isDone: boolean): void {
    const { image } = this.#pad;
    this.#origin = "";
    this.#isNews = isDone && image !== undefined;
    element("invitation", HTMLElement).hidden = image !== undefined;
    paintSeen(element("seen", HTMLCanvasElement), image);
    if (image === undefined) this.#show([]);
    this.refresh();
  }

  #show(probabilities: readonly number[]): void {
    const best = probabilities.indexOf(Math.max(...probabilities));
    for (const [digit, item] of Array.from(this.#bars.children).entries()) {
      const part = probabilities[digit] ?? 0;
      item.classList.toggle("best", digit === best);
      item.querySelector("i")?.style.setProperty("--part", `${part * 100}%`);
      const text = item.querySelector("span");
      if (text) text.textContent = probabilities.length > 0 ? `: ${percent(part)}` : "";
    }
    const sure = percent(probabilities[best] ?? 0);
    element("digit", HTMLElement).textContent = best < 0 ? "" : String(best);
    element("sure", HTMLElement).textContent =
      best < 0 ? "what the network sees, and what it reads" : `${sure} sure${this.#origin && `; ${this.#origin}`}`;
    if (best < 0 || !this.#isNews) return;
    this.#isNews = false;
    element("said", HTMLElement).textContent = `The network reads ${best}, ${sure} sure. ${this.#origin}`;
  }
}

/** The pixels as MNIST has them, white on black; nothing where there is no image. */
function paintSeen(canvas: HTMLCanvasElement, image: Image | undefined): void {
  const context = canvas.getContext("2d");
  if (!context) return;
  const pixels = context.createImageData(28, 28);
  image?.forEach((value, i) => {
    pixels.data.fill(Math.round(value * 255), 4 * i, 4 * i + 3);
    pixels.data[4 * i + 3] = 255;
  });
  context.putImageData(pixels, 0, 0);
}
