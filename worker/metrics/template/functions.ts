/** The functions that every template may call, beside those of the Canary. */
import { plain, sprint, sprintf } from './printf.ts';
import { isTruthy, typeName } from './value.ts';
import type { Value } from './value.ts';

export interface TemplateFunction {
  /** Least and greatest number of arguments; without a greatest one any number may follow. */
  readonly least: number;
  readonly most?: number;
  /** The arguments behind one for which this holds are not even evaluated. */
  readonly isEnough?: (arg: Value) => boolean;
  /** @throws Error that says what is wrong with the arguments */
  readonly call: (...args: readonly Value[]) => Value;
}

/** A function of no arguments, as the template language gives them for what a Canary says. */
export const constant = (value: Value): TemplateFunction => ({ least: 0, most: 0, call: () => value });

type Comparable = string | bigint | number | boolean;

export const builtins: ReadonlyMap<string, TemplateFunction> = new Map<string, TemplateFunction>([
  ['and', firstThat((arg) => !isTruthy(arg))],
  ['or', firstThat(isTruthy)],
  ['not', { least: 1, most: 1, call: (arg = null) => !isTruthy(arg) }],
  ['eq', { least: 2, call: (first = null, ...others) => others.some((other) => isEqual(first, other)) }],
  ['ne', { least: 2, most: 2, call: (a = null, b = null) => !isEqual(a, b) }],
  ['lt', { least: 2, most: 2, call: (a = null, b = null) => isLess(a, b) }],
  ['le', { least: 2, most: 2, call: (a = null, b = null) => isLess(a, b) || isEqual(a, b) }],
  ['gt', { least: 2, most: 2, call: (a = null, b = null) => isLess(b, a) }],
  ['ge', { least: 2, most: 2, call: (a = null, b = null) => isLess(b, a) || isEqual(a, b) }],
  ['len', { least: 1, most: 1, call: (of = null) => lengthOf(of) }],
  ['index', { least: 1, call: (of = null, ...keys) => keys.reduce(elementOf, of) }],
  ['slice', { least: 1, most: 3, call: (of = null, from = 0n, to) => sliceOf(of, from, to) }],
  ['print', { least: 0, call: (...args) => sprint(args) }],
  ['println', { least: 0, call: (...args) => `${args.map(plain).join(' ')}\n` }],
  ['printf', { least: 1, call: (format = null, ...args) => sprintf(textOf(format), args) }],
  ['html', { least: 0, call: (...args) => escapeWith(htmlEscapes, sprint(args)) }],
  ['js', { least: 0, call: (...args) => scriptEscaped(sprint(args)) }],
  ['urlquery', { least: 0, call: (...args) => queryEscaped(sprint(args)) }],
]);

/** Gives the first argument for which this holds, else the last one. */
function firstThat(isEnough: (arg: Value) => boolean): TemplateFunction {
  return { least: 1, isEnough, call: (...args) => args.find(isEnough) ?? args.at(-1) ?? null };
}

function textOf(value: Value): string {
  if (typeof value === 'string') return value;
  throw new Error(`wrong type for value; expected string; got ${typeName(value)}`);
}

function isEqual(a: Value, b: Value): boolean {
  if (a === null || b === null) return a === b;
  return comparable(a, b)[0] === b;
}

function isLess(a: Value, b: Value): boolean {
  if (typeof a === 'boolean') throw new Error('invalid type for comparison');
  const [left, right] = comparable(a, b);
  return left < right;
}

/** Whole numbers and fractions do not compare, as in the reference. */
function comparable(a: Value, b: Value): readonly [Comparable, Comparable] {
  if (a === null || typeof a === 'object' || b === null || typeof b === 'object') {
    throw new Error('invalid type for comparison');
  }
  if (typeof a !== typeof b) {
    throw new Error(`incompatible types for comparison: ${typeName(a)} and ${typeName(b)}`);
  }
  return [a, b];
}

function lengthOf(value: Value): bigint {
  if (typeof value === 'string') return BigInt(Buffer.byteLength(value, 'utf8'));
  if (value !== null && typeof value === 'object') return BigInt(value.size);
  throw new Error(`len of type ${typeName(value)}`);
}

/** A missing key is the empty text, not an error: the way to read an optional variable. */
function elementOf(of: Value, key: Value): Value {
  if (typeof of === 'string') return byteAt(of, key);
  if (of === null || typeof of !== 'object') throw new Error(`can't index item of type ${typeName(of)}`);
  if (typeof key !== 'string') throw new Error(`value has type ${typeName(key)}; should be string`);
  return of.get(key) ?? '';
}

function byteAt(text: string, index: Value): bigint {
  const bytes = Buffer.from(text, 'utf8');
  return BigInt(bytes[positionIn(bytes, index, bytes.length - 1)] ?? 0);
}

function sliceOf(of: Value, from: Value, to: Value | undefined): string {
  if (typeof of !== 'string') throw new Error(`can't slice item of type ${typeName(of)}`);
  const bytes = Buffer.from(of, 'utf8');
  const end = to === undefined ? bytes.length : positionIn(bytes, to, bytes.length);
  const start = positionIn(bytes, from, bytes.length);
  if (start > end) throw new Error(`invalid slice index: ${start} > ${end}`);
  return bytes.subarray(start, end).toString('utf8');
}

function positionIn(bytes: Buffer, index: Value, last: number): number {
  if (typeof index !== 'bigint') throw new Error(`cannot index slice/array with type ${typeName(index)}`);
  if (index < 0n || index > BigInt(last)) throw new Error(`index out of range: ${index} of ${bytes.length}`);
  return Number(index);
}

type Escapes = Readonly<Record<string, string>>;

const htmlEscapes: Escapes = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&#34;', "'": '&#39;' };

const scriptEscapes: Escapes = { '\\': '\\\\', "'": "\\'", '"': '\\"' };

const escapeWith = (escapes: Escapes, text: string): string =>
  Array.from(text, (character) => escapes[character] ?? character).join('');

const scriptEscaped = (text: string): string =>
  escapeWith(scriptEscapes, text).replace(/[<>&=\p{Cc}]/gu, (character) => `\\u${hexOf(character, 4)}`);

/** Space becomes `+`; only letters, digits and `-_.~` stay. */
const queryEscaped = (text: string): string =>
  encodeURIComponent(text)
    .replace(/[!*'()]/g, (character) => `%${hexOf(character, 2)}`)
    .replaceAll('%20', '+');

const hexOf = (character: string, digits: number): string =>
  (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(digits, '0');
