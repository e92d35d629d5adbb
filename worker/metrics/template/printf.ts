/** `printf` of the template language: verbs v s q d x f e g t with flags, width and precision, as in Go. */
import { formatGoExponential, formatGoFixed, formatGoFloat } from '../../../canary/go-duration.ts';
import { mostWidth } from './limits.ts';
import { quote } from './unquote.ts';
import { typeName } from './value.ts';
import type { Value } from './value.ts';

const piece = /%([-+# 0]*)([0-9]*)(?:\.([0-9]*))?(.?)|([^%]+)/gsu;

interface Directive {
  readonly flags: string;
  readonly width: number;
  readonly precision: number | undefined;
  readonly verb: string;
}

/**
 * Formats as Go's `fmt.Sprintf`, its marks for wrong use (`%!d(string=a)`, `%!s(MISSING)`) included.
 *
 * @throws Error for argument indexes and widths taken from arguments, which are not supported, and for a width that no
 *   query needs
 */
export function sprintf(format: string, args: readonly Value[]): string {
  let used = 0;
  const pieces = Array.from(format.matchAll(piece), ([whole, flags = '', width, precision, verb, literal]) => {
    if (literal !== undefined) return literal;
    if (verb === '%') return '%';
    if (verb === '[' || verb === '*') throw new Error(`printf: ${whole} is not supported`);
    if (verb === undefined || verb === '') return '%!(NOVERB)';
    const arg = args[used];
    used += 1;
    if (arg === undefined) return `%!${verb}(MISSING)`;
    return formatArgument({ flags, width: Number(width), precision: precisionOf(precision), verb }, arg);
  });
  return pieces.join('') + extraMark(args.slice(used));
}

const precisionOf = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text));

function extraMark(extra: readonly Value[]): string {
  return extra.length === 0 ? '' : `%!(EXTRA ${extra.map(typedText).join(', ')})`;
}

const typedText = (value: Value): string => (value === null ? '<nil>' : `${typeName(value)}=${plain(value)}`);

function formatArgument(to: Directive, arg: Value): string {
  if (Math.max(to.width, to.precision ?? 0) > mostWidth)
    throw new Error(`printf: expected a width of at most ${mostWidth}`);
  const formatted = bodyOf(to, arg);
  if (formatted === undefined) return `%!${to.verb}(${typedText(arg)})`;
  const isNumber = typeof arg === 'bigint' || typeof arg === 'number';
  return pad(isNumber ? signed(to, formatted) : formatted, to, isNumber);
}

/** @returns undefined when the verb does not fit the argument */
function bodyOf(to: Directive, arg: Value): string | undefined {
  if (to.verb === 'v') return typeof arg === 'string' ? cut(arg, to) : plain(arg);
  if (typeof arg === 'string') return stringBody(to, arg);
  if (typeof arg === 'bigint') return wholeBody(to, arg);
  if (typeof arg === 'number') return floatBody(to, arg);
  const verb = typeof arg === 'boolean' ? 't' : 's';
  return arg !== null && to.verb === verb ? plain(arg) : undefined;
}

function stringBody(to: Directive, text: string): string | undefined {
  const shown = cut(text, to);
  switch (to.verb) {
    case 's':
      return shown;
    case 'q':
      return quote(shown);
    case 'x':
      return Buffer.from(shown, 'utf8').toString('hex');
    default:
      return undefined;
  }
}

function wholeBody(to: Directive, value: bigint): string | undefined {
  const base = ({ d: 10, x: 16, o: 8, b: 2 } as Readonly<Record<string, number>>)[to.verb];
  return base === undefined ? undefined : value.toString(base).padStart(to.precision ?? 0, '0');
}

function floatBody(to: Directive, value: number): string | undefined {
  switch (to.verb) {
    case 'f':
    case 'F':
      return formatGoFixed(value, to.precision ?? 6);
    case 'e':
      return formatGoExponential(value, to.precision ?? 6);
    case 'g':
      return to.precision === undefined ? formatGoFloat(value) : undefined;
    default:
      return undefined;
  }
}

function cut(text: string, { precision }: Directive): string {
  return precision === undefined ? text : Array.from(text).slice(0, precision).join('');
}

function signed({ flags }: Directive, text: string): string {
  if (text.startsWith('-')) return text;
  if (flags.includes('+')) return `+${text}`;
  return flags.includes(' ') ? ` ${text}` : text;
}

/** Zeros go between sign and digits. */
function pad(text: string, { flags, width, precision }: Directive, isNumber: boolean): string {
  const missing = width - Array.from(text).length;
  if (missing <= 0) return text;
  if (flags.includes('-')) return text + ' '.repeat(missing);
  const zeros = flags.includes('0') && (!isNumber || precision === undefined || text.includes('.'));
  if (!zeros) return ' '.repeat(missing) + text;
  const sign = isNumber && /^[+\- ]/.test(text) ? text.charAt(0) : '';
  return sign + '0'.repeat(missing) + text.slice(sign.length);
}

/** How an action without a verb writes a value. */
export function plain(value: Value): string {
  if (value === null) return '<nil>';
  if (typeof value === 'number') return formatGoFloat(value);
  if (typeof value === 'object') return `map[${entriesOf(value).join(' ')}]`;
  return String(value);
}

const entriesOf = (map: ReadonlyMap<string, string>): string[] =>
  [...map].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => `${key}:${value}`);

/** Joins as Go's `fmt.Sprint`: a space between two neighbours that are both no strings. */
export function sprint(args: readonly Value[]): string {
  return args.reduce<string>((text, arg, index) => {
    const before = args[index - 1];
    const isSpaced = index > 0 && typeof arg !== 'string' && typeof before !== 'string';
    return text + (isSpaced ? ' ' : '') + plain(arg);
  }, '');
}
