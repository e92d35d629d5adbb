import type { Clock } from '../clock.ts';
import type { Logger } from './logger.ts';
import { noTracing } from './tracing.ts';
import type { Tracing } from './tracing.ts';
import type { TracingSettings } from './tracing-settings.ts';

export interface TracingOptions {
  readonly settings: TracingSettings;
  /** As `aviary-worker`, unless OTEL_SERVICE_NAME says otherwise. */
  readonly serviceName: string;
  /** Tells this process from others of its name. */
  readonly instance: string;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Loads OpenTelemetry, which takes a quarter of a second, only where somebody wants traces. */
export async function createTracing(options: TracingOptions): Promise<Tracing> {
  const { settings } = options;
  if (settings.kind === 'off') return noTracing;
  const { createOpenTelemetry } = await import('./tracing-opentelemetry.ts');
  return createOpenTelemetry({ ...options, protocol: settings.protocol });
}
