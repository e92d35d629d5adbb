/** What is said of one scenario. */
export interface Section {
  readonly title: string;
  /** How it was measured, for who has not read the code. */
  readonly about: string;
  /** Markdown. */
  readonly figures: string;
}
