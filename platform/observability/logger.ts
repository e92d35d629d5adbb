import { type DestinationStream, pino } from 'pino';
import { type Clock, formatInstant } from '../clock.ts';
import { type LogFields, currentLogFields } from './log-context.ts';

export type { LogFields } from './log-context.ts';

/** A constant message with fields, so that lines can be counted and searched: `log.info({ reason: 'suspended' }, 'step skipped')`. */
export interface Logger {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
  /** A logger that adds these fields to every line. */
  child(fields: LogFields): Logger;
}

/** The reference's. `warning` is another word for `warn`, and `panic` for `fatal`, at which nothing is logged. */
export const logLevels = ['debug', 'info', 'warn', 'warning', 'error', 'fatal', 'panic'] as const;
export type LogLevel = (typeof logLevels)[number];

const sameLevels: Readonly<Partial<Record<LogLevel, LogLevel>>> = { warning: 'warn', panic: 'fatal' };

export interface LoggerOptions {
  /** The process, as `aviary-worker`. */
  name: string;
  level: LogLevel;
  clock: Clock;
  /** Where the lines go; standard output unless told. */
  destination?: DestinationStream | undefined;
}

/** Keys that are blanked at the top of a line and up to two objects deep, should one slip in. */
const secretKeys = ['authorization', 'password', 'passphrase', 'secret', 'token', 'apiKey', 'api_key', 'credentials'];
const redactedPaths = ['', '*.', '*.*.'].flatMap((depth) => secretKeys.map((key) => `${depth}${key}`));

/** Writes one JSON object a line: level, time (RFC 3339), name, fields of the work under way (log-context.ts), fields, msg. */
export function createLogger({ name, level, clock, destination }: LoggerOptions): Logger {
  const options = {
    name,
    level: sameLevels[level] ?? level,
    base: { name },
    timestamp: () => `,"time":"${formatInstant(clock.now())}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: describeError },
    mixin: currentLogFields,
    redact: { paths: redactedPaths, censor: '(hidden)' },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

/** Swallows everything: for tests and for tools that speak for themselves. */
export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLogger,
};

interface DescribedError {
  type: string;
  message: string;
  kind?: string | undefined;
  code?: string | undefined;
  status?: number | undefined;
  stack?: string | undefined;
  cause?: DescribedError | undefined;
}

const deepestCause = 5;

/**
 * Error fields by name, never all of them: libraries hang requests, headers and bodies on their errors. The stack is the outermost one.
 */
function describeError(error: unknown): DescribedError {
  const outermost = error instanceof Error ? { stack: error.stack } : {};
  return { ...describeChain(error, 1), ...outermost };
}

function describeChain(error: unknown, depth: number): DescribedError {
  if (!(error instanceof Error)) return { type: typeof error, message: String(error) };
  const { kind, code, status } = error as { kind?: unknown; code?: unknown; status?: unknown };
  return {
    type: error.name,
    message: error.message,
    kind: typeof kind === 'string' ? kind : undefined,
    code: typeof code === 'string' ? code : undefined,
    status: typeof status === 'number' ? status : undefined,
    cause: error.cause === undefined || depth >= deepestCause ? undefined : describeChain(error.cause, depth + 1),
  };
}
