/**
 * Cuts a template into text and the tokens of its actions: delimiters, trim markers and comments end here.
 *
 * Language: specification of metrics, section 8.
 */
import { parsingFailed } from './error.ts';

export type TokenKind =
  | 'string'
  | 'rawString'
  | 'character'
  | 'number'
  | 'identifier'
  | 'variable'
  | 'field'
  | 'dot'
  | 'declare'
  | 'assign'
  | 'pipe'
  | 'leftParen'
  | 'rightParen'
  | 'comma'
  | 'unknown';

export interface Token {
  readonly kind: TokenKind;
  /** As written. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** White space stood before it; without, `.x` belongs to what it follows. */
  readonly spaced: boolean;
}

export type Segment =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'action'; readonly tokens: readonly Token[]; readonly start: number; readonly end: number };

const opening = /\{\{(?:-[ \t\r\n])?/g;
const comment = /\/\*[\s\S]*?\*\/(?:[ \t\r\n]-)?\}\}/y;
const closing = /[ \t\r\n]+-\}\}|[ \t\r\n]*\}\}/y;
const space = /[ \t\r\n]+/y;
const trailingSpace = /[ \t\r\n]+$/;

/** @throws TemplateError for an action, comment or quotation that does not end */
export function lex(source: string): Segment[] {
  const segments: Segment[] = [];
  let offset = 0;
  let trimsNext = false;
  while (offset < source.length) {
    opening.lastIndex = offset;
    const open = opening.exec(source);
    const text = textBetween(source.slice(offset, open?.index), trimsNext, (open?.[0].length ?? 0) > 2);
    if (text !== '') segments.push({ kind: 'text', text });
    if (open === null) break;
    const action = lexAction(source, opening.lastIndex);
    if (action.tokens !== undefined) segments.push({ ...action, kind: 'action', tokens: action.tokens });
    offset = action.end;
    trimsNext = source.slice(0, offset).endsWith('-}}');
  }
  return segments;
}

function textBetween(text: string, trimsStart: boolean, trimsEnd: boolean): string {
  const left = trimsStart ? text.replace(/^[ \t\r\n]+/, '') : text;
  return trimsEnd ? left.replace(trailingSpace, '') : left;
}

/** `tokens` is absent for a comment; `end` is the offset behind the closing delimiter. */
interface LexedAction {
  readonly tokens?: Token[];
  readonly start: number;
  readonly end: number;
}

function lexAction(source: string, start: number): LexedAction {
  if (source.startsWith('/*', start)) return { start, end: endOfComment(source, start) };
  const tokens: Token[] = [];
  let offset = start;
  for (;;) {
    const end = endOf(closing, source, offset);
    if (end !== undefined) return { tokens, start, end };
    const from = endOf(space, source, offset) ?? offset;
    if (from >= source.length) throw parsingFailed(source, start, 'unclosed action');
    const token = lexToken(source, from, from > offset);
    tokens.push(token);
    offset = token.end;
  }
}

function endOfComment(source: string, start: number): number {
  const end = endOf(comment, source, start);
  if (end !== undefined) return end;
  const isOpen = !source.includes('*/', start);
  throw parsingFailed(source, start, isOpen ? 'unclosed comment' : 'comment ends before closing delimiter');
}

/** In the order in which they are tried. */
const tokens: readonly (readonly [TokenKind, RegExp])[] = [
  ['string', /"(?:[^"\\\n]|\\[^\n])*"/y],
  ['rawString', /`[^`]*`/y],
  ['character', /'(?:[^'\\\n]|\\[^\n])*'/y],
  ['number', /[+-]?\.?\p{Nd}(?:[\p{L}\p{Nd}_.]|(?<=[eE])[+-])*|[+-][\p{L}\p{Nd}_]*/uy],
  ['identifier', /[\p{L}_][\p{L}\p{Nd}_]*/uy],
  ['variable', /\$[\p{L}\p{Nd}_]*/uy],
  ['field', /\.[\p{L}_][\p{L}\p{Nd}_]*/uy],
  ['dot', /\./y],
  ['declare', /:=/y],
  ['assign', /=/y],
  ['pipe', /\|/y],
  ['leftParen', /\(/y],
  ['rightParen', /\)/y],
  ['comma', /,/y],
  ['unknown', /[^"'`]/suy],
];

const unterminated: Readonly<Record<string, string>> = {
  '"': 'unterminated quoted string',
  '`': 'unterminated raw quoted string',
  "'": 'unterminated character constant',
};

function lexToken(source: string, start: number, spaced: boolean): Token {
  for (const [kind, pattern] of tokens) {
    const end = endOf(pattern, source, start);
    if (end !== undefined) return { kind, text: source.slice(start, end), start, end, spaced };
  }
  throw parsingFailed(source, start, unterminated[source.charAt(start)] ?? 'unclosed action');
}

function endOf(pattern: RegExp, source: string, offset: number): number | undefined {
  pattern.lastIndex = offset;
  return pattern.test(source) ? pattern.lastIndex : undefined;
}
