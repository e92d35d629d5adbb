/** Builds the syntax tree of a template. Functions and variables must be known, so that a misspelt name is found at once. */
import { parsingFailed } from './error.ts';
import type { TemplateError } from './error.ts';
import { lex } from './lexer.ts';
import type { Segment, Token, TokenKind } from './lexer.ts';
import { literalOf } from './literal.ts';
import type { Command, Expression, Node, Pipeline } from './syntax-tree.ts';

const unsupportedActions = new Set([
  'if',
  'else',
  'end',
  'with',
  'range',
  'break',
  'continue',
  'define',
  'template',
  'block',
]);

/**
 * @param functions names that may be called
 * @throws TemplateError with the line and what was unexpected there
 */
export function parse(source: string, functions: ReadonlySet<string>): Node[] {
  const variables = new Set(['$']);
  return lex(source).map((segment) => {
    if (segment.kind === 'text') return segment;
    return { kind: 'action', pipeline: parseAction({ source, functions, variables }, segment) };
  });
}

/** What is known at this place of the template. `variables` grows with each declaration. */
interface Scope {
  readonly source: string;
  readonly functions: ReadonlySet<string>;
  readonly variables: Set<string>;
}

/** Where in the tokens of one action the parser stands. */
interface Cursor extends Scope {
  readonly tokens: readonly Token[];
  readonly end: number;
  next: number;
}

const peek = (at: Cursor): Token | undefined => at.tokens[at.next];

function take(at: Cursor, kind: TokenKind): Token | undefined {
  const token = peek(at);
  if (token?.kind !== kind) return undefined;
  at.next += 1;
  return token;
}

const failAt = (at: Cursor, what: string): TemplateError => parsingFailed(at.source, peek(at)?.start ?? at.end, what);

function parseAction(scope: Scope, action: Extract<Segment, { kind: 'action' }>): Pipeline {
  const at: Cursor = { ...scope, tokens: action.tokens, end: action.end, next: 0 };
  const first = peek(at);
  if (first?.kind === 'identifier' && unsupportedActions.has(first.text)) {
    throw failAt(at, `unexpected {{${first.text}}}: control structures and nested templates are not supported`);
  }
  const pipeline = parsePipeline(at);
  if (peek(at)?.kind === 'rightParen') throw failAt(at, 'unexpected right paren');
  return pipeline;
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
  if (target?.declares === true) at.variables.add(target.name);
  return target === undefined ? { commands } : { target, commands };
}

/** `$name :=` or `$name =` in front of a pipeline. */
function parseTarget(at: Cursor): Pipeline['target'] {
  const operator = at.tokens[at.next + 1]?.kind;
  const name = peek(at);
  if (name?.kind !== 'variable' || (operator !== 'declare' && operator !== 'assign')) return undefined;
  if (operator === 'assign') assertDeclared(at, name.text);
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
  const pipeline = parsePipeline(at);
  const closing = take(at, 'rightParen');
  if (closing === undefined) throw failAt(at, 'unclosed left paren');
  return { kind: 'parenthesised', pipeline, start: opening.start, end: closing.end };
}

function assertDeclared(at: Cursor, name: string): void {
  if (!at.variables.has(name)) throw failAt(at, `undefined variable "${name}"`);
}

const textOf = (at: Cursor, { start, end }: Expression): string => at.source.slice(start, end);

const shown = (token: Token | undefined): string => (token === undefined ? 'end' : `"${token.text}"`);
