/** Reads the expressions of actions. Functions and variables must be known, so that a misspelt name is found at once. */
import { parsingFailed } from './error.ts';
import type { TemplateError } from './error.ts';
import type { Segment, Token, TokenKind } from './lexer.ts';
import { mostParentheses } from './limits.ts';
import { literalOf } from './literal.ts';
import type { Command, Expression, Pipeline, Target } from './syntax-tree.ts';

/** What is known at this place of the template. `variables` grows with each declaration. */
export interface Scope {
  readonly source: string;
  readonly functions: ReadonlySet<string>;
  readonly variables: Set<string>;
}

export type Action = Extract<Segment, { kind: 'action' }>;

/** Where in the tokens of one action the parser stands. */
export interface Cursor extends Scope {
  readonly tokens: readonly Token[];
  readonly end: number;
  next: number;
  /** Parentheses that are open. */
  depth: number;
}

export const peek = (at: Cursor): Token | undefined => at.tokens[at.next];

function take(at: Cursor, kind: TokenKind): Token | undefined {
  const token = peek(at);
  if (token?.kind !== kind) return undefined;
  at.next += 1;
  return token;
}

export const failAt = (at: Cursor, what: string): TemplateError =>
  parsingFailed(at.source, peek(at)?.start ?? at.end, what);

/** @param skipped tokens that have been read already: the word of a control structure */
export const cursorOf = (scope: Scope, action: Action, skipped = 0): Cursor => ({
  ...scope,
  tokens: action.tokens,
  end: action.end,
  next: skipped,
  depth: 0,
});

/** Reads the rest of an action as one pipeline. @throws TemplateError for anything else */
export function parseRest(at: Cursor): Pipeline {
  const pipeline = parsePipeline(at);
  if (peek(at)?.kind === 'rightParen') throw failAt(at, 'unexpected right paren');
  return pipeline;
}

/** `$element :=` or `$key, $element :=` in front of what is iterated over; also with `=`. */
export function takeRangeTargets(at: Cursor): readonly Target[] {
  const first = peek(at);
  if (first?.kind !== 'variable' || at.tokens[at.next + 1]?.kind !== 'comma') {
    const target = parseTarget(at);
    return target === undefined ? [] : [target];
  }
  at.next += 2;
  if (at.tokens[at.next + 1]?.kind === 'comma') throw failAt(at, 'too many declarations in range');
  const element = parseTarget(at);
  if (element === undefined) throw failAt(at, 'range can only initialize variables');
  return [{ ...element, name: first.text }, element];
}

function parsePipeline(at: Cursor): Pipeline {
  const target = parseTarget(at);
  const commands: Command[] = [parseCommand(at)];
  while (take(at, 'pipe') !== undefined && !isEndOfPipeline(at)) {
    const command = parseCommand(at);
    if (command.head.kind === 'literal' || command.head.kind === 'nil' || command.head.kind === 'dot') {
      throw failAt(at, `non executable command in pipeline stage ${commands.length + 1}`);
    }
    commands.push(command);
  }
  if (target !== undefined) at.variables.add(target.name);
  return target === undefined ? { commands } : { target, commands };
}

/** `$name :=` or `$name =` in front of a pipeline. That the second was never declared is found when it is rendered. */
function parseTarget(at: Cursor): Target | undefined {
  const operator = at.tokens[at.next + 1]?.kind;
  const name = peek(at);
  if (name?.kind !== 'variable' || (operator !== 'declare' && operator !== 'assign')) return undefined;
  at.next += 2;
  return { name: name.text, declares: operator === 'declare' };
}

const isEndOfPipeline = (at: Cursor): boolean => {
  const kind = peek(at)?.kind;
  return kind === undefined || kind === 'rightParen';
};

const isEndOfCommand = (at: Cursor): boolean => isEndOfPipeline(at) || peek(at)?.kind === 'pipe';

function parseCommand(at: Cursor): Command {
  if (isEndOfPipeline(at)) throw failAt(at, 'missing value for command');
  const head = parseOperand(at);
  const operands: Expression[] = [];
  while (!isEndOfCommand(at)) {
    if (peek(at)?.spaced !== true) throw failAt(at, `unexpected ${shown(peek(at))} in operand`);
    operands.push(parseOperand(at));
  }
  return { head, operands, start: head.start, end: operands.at(-1)?.end ?? head.end };
}

/** A term and the fields that follow it without a space. */
function parseOperand(at: Cursor): Expression {
  const term = parseTerm(at);
  const fields = takeFields(at);
  const last = fields.at(-1);
  if (last === undefined) return term;
  if (term.kind === 'literal' || term.kind === 'nil') throw failAt(at, `unexpected . after term "${textOf(at, term)}"`);
  const names = fields.map((field) => field.text.slice(1));
  return { kind: 'field', of: term, names, start: term.start, end: last.end };
}

function takeFields(at: Cursor): Token[] {
  const fields: Token[] = [];
  for (let token = peek(at); token?.kind === 'field' && !token.spaced; token = peek(at)) {
    fields.push(token);
    at.next += 1;
  }
  return fields;
}

function parseTerm(at: Cursor): Expression {
  const token = peek(at);
  if (token === undefined) throw failAt(at, 'missing value for command');
  at.next += 1;
  const span = { start: token.start, end: token.end };
  const literal = literalOf(token);
  if (literal !== undefined) {
    if ('problem' in literal) throw parsingFailed(at.source, token.start, literal.problem);
    return { ...span, kind: 'literal', value: literal.value };
  }
  switch (token.kind) {
    case 'identifier':
      return token.text === 'nil' ? { ...span, kind: 'nil' } : functionNamed(at, token);
    case 'variable':
      assertDeclared(at, token.text);
      return { ...span, kind: 'variable', name: token.text };
    case 'dot':
      return { ...span, kind: 'dot' };
    case 'field':
      return { ...span, kind: 'field', of: { ...span, kind: 'dot' }, names: [token.text.slice(1)] };
    case 'leftParen':
      return parenthesised(at, token);
    default:
      throw parsingFailed(at.source, token.start, `unexpected ${shown(token)} in command`);
  }
}

function functionNamed(at: Cursor, { text, start, end }: Token): Expression {
  if (!at.functions.has(text)) throw parsingFailed(at.source, start, `function "${text}" not defined`);
  return { kind: 'function', name: text, start, end };
}

function parenthesised(at: Cursor, opening: Token): Expression {
  at.depth += 1;
  if (at.depth > mostParentheses) throw failAt(at, `expected at most ${mostParentheses} parentheses in each other`);
  const pipeline = parsePipeline(at);
  at.depth -= 1;
  const closing = take(at, 'rightParen');
  if (closing === undefined) throw failAt(at, 'unclosed left paren');
  return { kind: 'parenthesised', pipeline, start: opening.start, end: closing.end };
}

function assertDeclared(at: Cursor, name: string): void {
  if (!at.variables.has(name)) throw failAt(at, `undefined variable "${name}"`);
}

const textOf = (at: Cursor, { start, end }: Expression): string => at.source.slice(start, end);

const shown = (token: Token | undefined): string => (token === undefined ? 'end' : `"${token.text}"`);
