/**
 * Go's text forms of durations (`1m30s`) and floats (`1e+06`), in which objects are written and events are worded.
 *
 * Durations are milliseconds here; Go counts whole nanoseconds, so both ways pass through nanoseconds.
 */

const NANOSECONDS_PER_MILLISECOND = 1e6;
const MAX_NANOSECONDS = 2n ** 63n - 1n;

const NANOSECONDS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  '\u00b5s': 1_000n,
  '\u03bcs': 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};

const TERM = /(\d*)(?:\.(\d*))?([^\d.]+)/y;

/**
 * Reads what Go's `time.ParseDuration` reads.
 *
 * @returns milliseconds, negative for a leading `-`; undefined for everything that Go rejects (`1d`, `5`, `1min`, empty)
 */
export function parseGoDuration(text: string): number | undefined {
  const sign = /^[+-]/.test(text) ? text.charAt(0) : '';
  const body = text.slice(sign.length);
  if (body === '0') return 0;
  const nanoseconds = sumTerms(body);
  if (nanoseconds === undefined) return undefined;
  const milliseconds = Number(nanoseconds) / NANOSECONDS_PER_MILLISECOND;
  return sign === '-' ? -milliseconds : milliseconds;
}

function sumTerms(body: string): bigint | undefined {
  if (body === '') return undefined;
  let total = 0n;
  TERM.lastIndex = 0;
  while (TERM.lastIndex < body.length) {
    const term = TERM.exec(body);
    const nanoseconds = term === null ? undefined : nanosecondsOf(term[1] ?? '', term[2] ?? '', term[3] ?? '');
    if (nanoseconds === undefined) return undefined;
    total += nanoseconds;
    if (total > MAX_NANOSECONDS) return undefined;
  }
  return total;
}

function nanosecondsOf(whole: string, fraction: string, unitName: string): bigint | undefined {
  const unit = Object.hasOwn(NANOSECONDS, unitName) ? NANOSECONDS[unitName] : undefined;
  if (unit === undefined || whole + fraction === '') return undefined;
  // Go takes the fraction in floating point too, so that a third of an hour is 20 minutes and not 1 ns less.
  const digits = BigInt(fraction.slice(0, 19) || '0') > MAX_NANOSECONDS ? fraction.slice(0, 18) : fraction.slice(0, 19);
  const part = BigInt(Math.trunc(Number(digits) * (Number(unit) / 10 ** digits.length)));
  return BigInt(whole === '' ? '0' : whole) * unit + part;
}

/**
 * Writes what Go's `Duration.String` writes: `0s`, `1.5ms`, `1.515s`, `1m0s`, `25h1m1.001s`.
 *
 * @param milliseconds finite; rounded to whole nanoseconds
 */
export function formatGoDuration(milliseconds: number): string {
  const nanoseconds = BigInt(Math.round(Math.abs(milliseconds) * NANOSECONDS_PER_MILLISECOND));
  if (nanoseconds === 0n) return '0s';
  const text = nanoseconds < 1_000_000_000n ? subSecond(nanoseconds) : clockForm(nanoseconds);
  return milliseconds < 0 ? `-${text}` : text;
}

function subSecond(nanoseconds: bigint): string {
  if (nanoseconds < 1_000n) return `${nanoseconds}ns`;
  if (nanoseconds < 1_000_000n) return `${decimal(nanoseconds, 3)}\u00b5s`;
  return `${decimal(nanoseconds, 6)}ms`;
}

function clockForm(nanoseconds: bigint): string {
  const minute = 60_000_000_000n;
  const seconds = `${decimal(nanoseconds % minute, 9)}s`;
  const minutes = nanoseconds / minute;
  if (minutes === 0n) return seconds;
  if (minutes < 60n) return `${minutes}m${seconds}`;
  return `${minutes / 60n}h${minutes % 60n}m${seconds}`;
}

/** `value` shifted right by `places` decimal places, without trailing zeros. */
function decimal(value: bigint, places: number): string {
  const digits = value.toString().padStart(places + 1, '0');
  const fraction = digits.slice(-places).replace(/0+$/, '');
  const whole = digits.slice(0, -places);
  return fraction === '' ? whole : `${whole}.${fraction}`;
}

/**
 * The shortest digits that read back as the same float, as Go prints them: exponent form below 1e-4 and from 1e+06 on.
 * Rule: events-alerts.md section 3.
 */
export function formatGoFloat(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  if (Object.is(value, -0)) return '-0';
  const exponential = value.toExponential();
  const exponent = Number(exponential.slice(exponential.indexOf('e') + 1));
  if (exponent >= -4 && exponent < 6) return value.toString();
  return exponential.replace(/e([+-])(\d)$/, 'e$10$2');
}

/**
 * What Go's `%.{digits}f` writes. Between two neighbours of the same distance it takes the even one; `toFixed` takes the
 * larger, so that 98.125 would be another text.
 *
 * @param digits 0 to 100
 */
export function formatGoFixed(value: number, digits: number): string {
  const text = value.toFixed(digits);
  // A float lies between two decimals only as an odd number of halves, quarters, eighths, …; doubling it is exact.
  const halves = value * 2 ** (digits + 1);
  const isTie = Math.abs(halves % 2) === 1;
  const last = Number(text.at(-1));
  return isTie && last % 2 === 1 ? `${text.slice(0, -1)}${last - 1}` : text;
}

/**
 * What Go's `%.{digits}e` writes: ties as above, and at least two digits of the exponent.
 *
 * @param digits 0 to 99
 */
export function formatGoExponential(value: number, digits: number): string {
  const [longer = '', exponent = ''] = value.toExponential(digits + 1).split('e');
  // Halfway between two neighbours: with one digit more it ends in 5, and nothing comes after that.
  const isTie = longer.endsWith('5') && value.toExponential(100).replace(/0*e.*$/, '') === longer;
  const lower = longer.slice(0, digits === 0 ? -2 : -1);
  const isEven = Number(lower.at(-1)) % 2 === 0;
  const text = isTie && isEven ? `${lower}e${exponent}` : value.toExponential(digits);
  return text.replace(/e([+-])(\d)$/, 'e$10$2');
}
