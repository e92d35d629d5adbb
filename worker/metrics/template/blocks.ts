/**
 * Builds the syntax tree of a template: text, actions, and the control structures around them.
 *
 * A variable lives until the `end` of the structure in which it was declared.
 */
import { parsingFailed } from './error.ts';
import { lex } from './lexer.ts';
import type { Segment } from './lexer.ts';
import { assertReadable } from './limits.ts';
import { cursorOf, failAt, parseRest, peek, takeRangeTargets } from './parser.ts';
import type { Action, Cursor, Scope } from './parser.ts';
import type { Node, Pipeline } from './syntax-tree.ts';

/**
 * @param functions names that may be called
 * @throws TemplateError with the line and what was unexpected there
 */
export function parse(source: string, functions: ReadonlySet<string>): readonly Node[] {
  assertReadable(source);
  const reader: Reader = { segments: lex(source), next: 0 };
  const place: Place = { source, functions, variables: new Set(['$']), inRange: false };
  const { nodes, closing } = parseList(reader, place);
  if (closing !== undefined) throw parsingFailed(source, closing.start, `unexpected {{${wordOf(closing)}}}`);
  return nodes;
}

/** Where in the template the parser stands. */
interface Reader {
  readonly segments: readonly Segment[];
  next: number;
}

interface Place extends Scope {
  /** Whether `break` and `continue` have a meaning. */
  readonly inRange: boolean;
}

/** What stands inside knows the variables of `place`; what is declared there is forgotten behind it. */
const inside = (place: Place, inRange = place.inRange): Place => ({
  ...place,
  variables: new Set(place.variables),
  inRange,
});

const nested: ReadonlySet<string> = new Set(['define', 'template', 'block']);
const noNesting = 'nested templates are not supported, write the query in one piece';

const wordOf = (action: Action): string => {
  const first = action.tokens[0];
  return first?.kind === 'identifier' ? first.text : '';
};

interface List {
  readonly nodes: readonly Node[];
  /** The `end` or `else` that the list ran into; undefined at the end of the template. */
  readonly closing: Action | undefined;
}

function parseList(reader: Reader, place: Place): List {
  const nodes: Node[] = [];
  for (;;) {
    const segment = reader.segments[reader.next];
    if (segment === undefined) return { nodes, closing: undefined };
    reader.next += 1;
    if (segment.kind === 'text') {
      nodes.push(segment);
      continue;
    }
    const word = wordOf(segment);
    if (word === 'end' || word === 'else') return { nodes, closing: segment };
    nodes.push(parseNode(reader, place, segment));
  }
}

function parseNode(reader: Reader, place: Place, action: Action): Node {
  const word = wordOf(action);
  const at = cursorOf(place, action, 1);
  switch (word) {
    case 'if':
    case 'with':
      return parseBranch(reader, place, { word, at });
    case 'range':
      return parseRange(reader, place, at);
    case 'break':
    case 'continue':
      return parseJump(place, word, at);
    default:
      break;
  }
  if (nested.has(word)) throw parsingFailed(place.source, action.start, `unexpected {{${word}}}: ${noNesting}`);
  return { kind: 'action', pipeline: parseRest(cursorOf(place, action)) };
}

interface Opening {
  readonly word: 'if' | 'with';
  /** Behind the word. */
  readonly at: Cursor;
}

function parseBranch(reader: Reader, outer: Place, { word, at }: Opening): Node {
  const place = inside(outer);
  const pipeline = parseControl({ ...at, variables: place.variables }, word);
  const { nodes: body, closing } = parseList(reader, inside(place));
  return { kind: word, pipeline, body, otherwise: parseOtherwise(reader, place, { word, closing }) };
}

function parseRange(reader: Reader, outer: Place, begun: Cursor): Node {
  const place = inside(outer);
  const at = { ...begun, variables: place.variables };
  const targets = takeRangeTargets(at);
  const start = peek(at)?.start ?? at.end;
  const pipeline = { ...parseControl(at, 'range'), start, end: at.tokens.at(-1)?.end ?? at.end };
  for (const { name } of targets) place.variables.add(name);
  const { nodes: body, closing } = parseList(reader, inside(place, true));
  return {
    kind: 'range',
    targets,
    pipeline,
    body,
    otherwise: parseOtherwise(reader, place, { word: 'range', closing }),
  };
}

function parseControl(at: Cursor, word: string): Pipeline {
  if (peek(at) === undefined) throw failAt(at, `missing value for ${word}`);
  return parseRest(at);
}

interface Closing {
  readonly word: 'if' | 'with' | 'range';
  readonly closing: Action | undefined;
}

/** What stands between `else` and `end`; nothing where there is no `else`. */
function parseOtherwise(reader: Reader, place: Place, { word, closing }: Closing): readonly Node[] {
  if (closing === undefined) throw parsingFailed(place.source, place.source.length, 'unexpected EOF');
  const at = cursorOf(place, closing, 1);
  if (wordOf(closing) === 'end') {
    assertNothingMore(at, 'end');
    return [];
  }
  if (peek(at)?.text === word && word !== 'range') {
    return [parseBranch(reader, place, { word, at: cursorOf(place, closing, 2) })];
  }
  assertNothingMore(at, 'else');
  const { nodes, closing: last } = parseList(reader, inside(place));
  if (last === undefined) throw parsingFailed(place.source, place.source.length, 'unexpected EOF');
  if (wordOf(last) !== 'end') throw parsingFailed(place.source, last.start, 'expected end; found {{else}}');
  assertNothingMore(cursorOf(place, last, 1), 'end');
  return nodes;
}

function parseJump(place: Place, kind: 'break' | 'continue', at: Cursor): Node {
  assertNothingMore(at, `{{${kind}}}`);
  if (!place.inRange) throw failAt(at, `{{${kind}}} outside {{range}}`);
  return { kind };
}

function assertNothingMore(at: Cursor, where: string): void {
  const token = peek(at);
  if (token !== undefined) throw failAt(at, `unexpected "${token.text}" in ${where}`);
}
