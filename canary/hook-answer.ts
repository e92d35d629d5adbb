export interface HookAnswer {
  readonly passed: boolean;
  /** What the receiver said, or why it could not be asked; empty when it passed. */
  readonly detail: string;
  /** Set when it could not be asked, which is no refusal. */
  readonly unanswered?: true;
}
