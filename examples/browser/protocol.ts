// What the page and its worker say to each other, beside what torchlet/worker does by itself (steps, epochs, pause, abort).
import type { Image } from "./digit.ts";

/** What a run is to be like. */
export interface Settings {
  /** URL of the folder that holds MNIST's four files, or the one above MNIST/raw. */
  readonly data: string;
  readonly device: "cpu" | "webgpu";
  /** Probability that Dropout zeroes a value. */
  readonly dropout: number;
}

/** What the page asks of a run. */
export type Ask =
  | { readonly kind: "start"; readonly epochs: number }
  | { readonly kind: "dropout"; readonly p: number }
  | { readonly kind: "read"; readonly image: Image }
  | { readonly kind: "sample" };

/** What the run tells the page. */
export type Tell =
  | {
      readonly kind: "ready";
      readonly images: number;
      readonly batches: number;
      readonly parameters: number;
      readonly adapter: string;
    }
  | { readonly kind: "read"; readonly probabilities: readonly number[] }
  | { readonly kind: "sample"; readonly image: Image; readonly index: number; readonly label: number }
  | { readonly kind: "done"; readonly seconds: number }
  | { readonly kind: "trouble"; readonly message: string };
