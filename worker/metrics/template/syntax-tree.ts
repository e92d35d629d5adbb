import type { Value } from './value.ts';

/** Where in the source something stands: for the messages. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export type Expression = Span &
  (
    | { readonly kind: 'literal'; readonly value: Value }
    | { readonly kind: 'nil' }
    /** `.`: nil but in the bodies of `with` and `range`, for this language renders without data. */
    | { readonly kind: 'dot' }
    | { readonly kind: 'variable'; readonly name: string }
    | { readonly kind: 'function'; readonly name: string }
    | { readonly kind: 'field'; readonly of: Expression; readonly names: readonly string[] }
    | { readonly kind: 'parenthesised'; readonly pipeline: Pipeline }
  );

/** The first operand, called with the others when it is a function. */
export interface Command extends Span {
  readonly head: Expression;
  readonly operands: readonly Expression[];
}

/** Each command is handed the result of the one before as its last argument. */
export interface Pipeline {
  readonly target?: Target;
  readonly commands: readonly Command[];
}

/** Where a pipeline's value goes: a variable that is declared here, or one that was before. */
export interface Target {
  readonly name: string;
  readonly declares: boolean;
}

export type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'action'; readonly pipeline: Pipeline }
  | Branch
  | Range
  | { readonly kind: 'break' | 'continue' };

/** `if` and `with`; in the body of `with` the dot is the value. An `else if` is the only node of its `otherwise`. */
export interface Branch {
  readonly kind: 'if' | 'with';
  readonly pipeline: Pipeline;
  readonly body: readonly Node[];
  readonly otherwise: readonly Node[];
}

/** The dot is each element in turn, and so is the last of at most two variables; the first of two is its key. */
export interface Range {
  readonly kind: 'range';
  readonly targets: readonly Target[];
  readonly pipeline: Pipeline & Span;
  readonly body: readonly Node[];
  /** For a value without elements. */
  readonly otherwise: readonly Node[];
}
