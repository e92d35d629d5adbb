import type { LogFields, Logger } from '../../platform/observability/logger.ts';

export interface LogLine {
  level: 'debug' | 'info' | 'warn' | 'error';
  fields: LogFields;
  message: string;
}

/** A logger that keeps its lines, children's included. */
export function createRecordingLogger(): Logger & { lines: LogLine[] } {
  const lines: LogLine[] = [];
  const withFields = (inherited: LogFields): Logger => {
    const record = (level: LogLine['level']) => (fields: LogFields, message: string) =>
      void lines.push({ level, fields: { ...inherited, ...fields }, message });
    return {
      debug: record('debug'),
      info: record('info'),
      warn: record('warn'),
      error: record('error'),
      child: (fields) => withFields({ ...inherited, ...fields }),
    };
  };
  return { ...withFields({}), lines };
}
