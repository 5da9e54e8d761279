import type { ScanProgress } from '../scan/scan-image.ts';

type Output = { write(text: string): unknown; readonly isTTY?: boolean | undefined };

const QUIET_MILLISECONDS = 1000;
const CLEAR_LINE = '\r\u001b[2K';

/** One line on a terminal that says how far a scan is, once it has taken a second. */
export class ProgressLine {
  readonly #output: Output;
  #timer: NodeJS.Timeout | undefined;
  #isShown = false;
  #text = 'Reading the image';

  constructor(output: Output) {
    this.#output = output;
    if (output.isTTY !== true) return;
    this.#timer = setTimeout(() => this.#show(), QUIET_MILLISECONDS);
    this.#timer.unref();
  }

  report({ layersDone, layers, layersKnown }: ScanProgress): void {
    const known = layersKnown > 0 ? `, ${layersKnown} known from before` : '';
    this.#text = `${layersDone} of ${layers} layers${known}`;
    if (this.#isShown) this.#show();
  }

  end(): void {
    clearTimeout(this.#timer);
    if (this.#isShown) this.#output.write(CLEAR_LINE);
    this.#isShown = false;
  }

  #show(): void {
    this.#isShown = true;
    this.#output.write(`${CLEAR_LINE}${this.#text} …`);
  }
}
