/** How many problems of one file are told apart; the rest are counted. */
const PROBLEMS_MAX = 20;

/** Problems of one file: the first few as sentences, the others as a count. */
export class ProblemList {
  readonly #sentences: string[] = [];
  #untold = 0;

  add(sentence: string): void {
    if (this.#sentences.length < PROBLEMS_MAX) this.#sentences.push(sentence);
    else this.#untold += 1;
  }

  /** Ready to spread into findings: nothing when there was no problem. */
  findings(): { readonly problems?: readonly string[] } {
    if (this.#sentences.length === 0) return {};
    if (this.#untold === 0) return { problems: this.#sentences };
    return { problems: [...this.#sentences, `Further problems of this file: ${this.#untold}.`] };
  }
}
