/** The variables of OpenTelemetry that decide whether there are traces; the others are read by its library. */
import { boolean, oneOf, url } from '../config-values.ts';

const protocols = ['http/protobuf', 'http/json'] as const;
const protocol = () => oneOf(protocols).optional().describe('how spans are sent');

export const tracingFields = {
  OTEL_SDK_DISABLED: boolean().default(false).describe('turns traces off'),
  OTEL_TRACES_EXPORTER: oneOf(['otlp', 'none']).optional().describe('where traces go'),
  OTEL_EXPORTER_OTLP_ENDPOINT: url('http', 'https').optional().describe('collector that takes OTLP over HTTP'),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: url('http', 'https').optional().describe('where exactly spans are sent'),
  OTEL_EXPORTER_OTLP_PROTOCOL: protocol(),
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: protocol(),
};

type Protocol = (typeof protocols)[number];

export interface TracingValues {
  readonly OTEL_SDK_DISABLED: boolean;
  readonly OTEL_TRACES_EXPORTER?: 'otlp' | 'none' | undefined;
  readonly OTEL_EXPORTER_OTLP_ENDPOINT?: string | undefined;
  readonly OTEL_EXPORTER_OTLP_TRACES_ENDPOINT?: string | undefined;
  readonly OTEL_EXPORTER_OTLP_PROTOCOL?: Protocol | undefined;
  readonly OTEL_EXPORTER_OTLP_TRACES_PROTOCOL?: Protocol | undefined;
}

export type TracingSettings = { readonly kind: 'off' } | { readonly kind: 'otlp'; readonly protocol: Protocol };

/** Off unless an exporter or an endpoint is named. */
export function tracingOf(values: TracingValues): TracingSettings {
  const { OTEL_TRACES_EXPORTER: exporter, OTEL_SDK_DISABLED: isDisabled } = values;
  const endpoint = values.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? values.OTEL_EXPORTER_OTLP_ENDPOINT;
  const isWanted = exporter === 'otlp' || (exporter === undefined && endpoint !== undefined);
  if (isDisabled || !isWanted) return { kind: 'off' };
  const chosen = values.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL ?? values.OTEL_EXPORTER_OTLP_PROTOCOL;
  return { kind: 'otlp', protocol: chosen ?? 'http/protobuf' };
}
