/** Spans for those who want them. What makes them real is loaded only when tracing is on: create-tracing.ts. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

export interface SpanDescription {
  /** One of few: what is special goes into the attributes. Never a secret. */
  readonly name: string;
  readonly kind?: 'internal' | 'client' | 'producer' | 'consumer' | undefined;
  readonly attributes?: SpanAttributes | undefined;
  /** W3C traceparent of the cause, where that is not the span under way. */
  readonly parent?: string | undefined;
  /** Make no span of it outside of another one. Default false. */
  readonly inner?: boolean | undefined;
  /** Whether an error that the work throws is a failure; each is unless told. */
  readonly isFailure?: ((error: unknown) => boolean) | undefined;
}

export interface SpanUnderWay {
  set(attributes: SpanAttributes): void;
  /** @param reason one of few words */
  fail(reason: string): void;
}

export interface Tracing {
  /** Whether spans are made at all. */
  readonly isOn: boolean;
  /** Does the work as a span; spans that begin in it are its children. Fails as the work does. */
  during<T>(span: SpanDescription, work: (span: SpanUnderWay) => Promise<T>): Promise<T>;
  /** W3C traceparent of the span under way, for others to go on with; undefined when there is none. */
  traceparent(): string | undefined;
  /** Sends what has not been sent yet, for a few seconds at most. A collector that does not take it is no failure. */
  close(): Promise<void>;
}

const nothing: SpanUnderWay = { set: () => undefined, fail: () => undefined };

/** Tracing that is off. */
export const noTracing: Tracing = {
  isOn: false,
  during: (_span, work) => work(nothing),
  traceparent: () => undefined,
  close: async () => undefined,
};

/** The trace that a W3C traceparent belongs to. */
export const traceIdOf = (traceparent: string | undefined): string | undefined => traceparent?.split('-')[1];
