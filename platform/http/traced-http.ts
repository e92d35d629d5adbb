/** Requests that are part of a trace and carry it on to whoever answers them. */
import type { HttpSender } from './http.ts';
import type { Tracing } from '../observability/tracing.ts';

/** @returns the sender itself where tracing is off: no header is added then */
export function createTracedSender(http: HttpSender, tracing: Tracing): HttpSender {
  if (!tracing.isOn) return http;
  return {
    close: () => http.close(),
    send: (request) => {
      const { method, url } = request;
      // The host only: user, path and query may be secret.
      const host = URL.canParse(url) ? { 'server.address': new URL(url).hostname } : {};
      const attributes = { 'http.request.method': method, ...host };
      return tracing.during({ name: method, kind: 'client', attributes, inner: true }, async (span) => {
        const traceparent = tracing.traceparent();
        const headers = { ...request.headers, ...(traceparent && { traceparent }) };
        const response = await http.send({ ...request, headers });
        span.set({ 'http.response.status_code': response.status });
        if (response.status >= 400) span.fail(String(response.status));
        return response;
      });
    },
  };
}
