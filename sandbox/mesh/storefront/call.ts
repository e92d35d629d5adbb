// One request of the storefront and what it amounts to.
import type { Dispatcher } from 'undici';
import { stringAt } from '../../../platform/json.ts';
import type { Outcome } from './traffic-counter.ts';

export interface Call {
  readonly url: URL;
  /** Field of the JSON answer that names the version. */
  readonly countBy: string;
  readonly dispatcher: Dispatcher;
  /** The time to note down, RFC 3339. */
  readonly at: string;
}

/** Never rejects: a request without an answer is an outcome like any other. Longer than Envoy's own 15 s is given up. */
export async function call({ url, countBy, dispatcher, at }: Call): Promise<Outcome> {
  try {
    const { statusCode, body } = await dispatcher.request({
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      method: 'GET',
      headersTimeout: 20_000,
      bodyTimeout: 20_000,
    });
    return { at, status: statusCode, version: versionIn(await body.text(), countBy) };
  } catch (error) {
    return { at, status: 0, version: 'none', error: String(error) };
  }
}

function versionIn(text: string, field: string): string {
  try {
    return stringAt(JSON.parse(text), field) ?? 'unknown';
  } catch {
    return 'unknown';
  }
}
