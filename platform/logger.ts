/** Facts of a log line. An error goes under `err`. Never a secret. */
export type LogFields = Readonly<Record<string, unknown>>;

/** A constant message with fields, so that lines can be counted and searched: `log.info({ reason: 'suspended' }, 'step skipped')`. */
export interface Logger {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
  /** A logger that adds these fields to every line. */
  child(fields: LogFields): Logger;
}

/** Swallows everything: for tests and for tools that speak for themselves. */
export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLogger,
};
