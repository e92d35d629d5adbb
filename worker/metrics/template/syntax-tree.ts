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
    /** `.`: this language renders without data, so it is always nil. */
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
  readonly target?: { readonly name: string; readonly declares: boolean };
  readonly commands: readonly Command[];
}

export type Node =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'action'; readonly pipeline: Pipeline };
