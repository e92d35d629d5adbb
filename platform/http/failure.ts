import { DeadlineError } from '../deadline.ts';
import { HttpError, type HttpErrorKind } from './error.ts';
import { isRecord, stringAt } from '../json.ts';
import { messageOf } from '../error-message.ts';

/** The HttpError of whatever went wrong. `where` is method and origin: a path may be a secret, as that of a Slack webhook is. */
export function httpFailure(where: string, error: unknown): HttpError {
  if (error instanceof DeadlineError) {
    return new HttpError('timeout', `${where}: no complete answer within ${error.ms} ms`, error);
  }
  const chain = causesOf(error);
  const ours = chain.find((cause) => cause instanceof HttpError);
  if (ours !== undefined) return new HttpError(ours.kind, `${where}: ${ours.message}`, ours);
  if (chain.some(isBlockedPort)) return new HttpError('badUrl', `${where}: ${blockedPort}`, error);
  const code = chain.map((cause) => stringAt(cause, 'code')).find((found) => found !== undefined);
  return new HttpError(kindOf(code, chain), `${where}: ${wordsOf(chain, code)}`, error);
}

/** The HttpError of a request that its caller gave up. */
export const httpAbort = (where: string, reason: unknown): HttpError =>
  new HttpError('aborted', `${where}: aborted: ${messageOf(reason)}`, reason);

function causesOf(error: unknown): unknown[] {
  const chain = [error];
  for (let at = error; isRecord(at) && at['cause'] !== undefined && chain.length < 6; at = at['cause']) {
    chain.push(at['cause']);
  }
  return chain.flatMap((link) => (link instanceof AggregateError ? [link, ...link.errors] : [link]));
}

/** fetch asks none of some ports, as browsers do not, and names the reason only so. */
const isBlockedPort = (cause: unknown): boolean => cause instanceof Error && cause.message === 'bad port';
const blockedPort =
  'expected a port that HTTP may use, got one of another protocol (https://fetch.spec.whatwg.org/#port-blocking)';

const timeoutCodes = new Set(['UND_ERR_CONNECT_TIMEOUT', 'ETIMEDOUT']);
const tlsCode = /^(ERR_TLS_|ERR_SSL_|CERT_|EPROTO$|HOSTNAME_MISMATCH$|INVALID_CA$)|_CERT(_|$)|SELF_SIGNED|UNABLE_TO_/;

function kindOf(code: string | undefined, chain: readonly unknown[]): HttpErrorKind {
  if (code === undefined) return chain.length === 1 && chain[0] instanceof TypeError ? 'badRequest' : 'network';
  if (code === 'UND_ERR_INVALID_ARG' || code.startsWith('ERR_INVALID_')) return 'badRequest';
  if (timeoutCodes.has(code)) return 'timeout';
  return tlsCode.test(code) ? 'tls' : 'network';
}

/** undici's outermost error only says 'fetch failed'; the innermost one with words is the one to show. */
function wordsOf(chain: readonly unknown[], code: string | undefined): string {
  const words = chain.flatMap((cause) => (cause instanceof Error && cause.message !== '' ? [cause.message] : []));
  const innermost = words.at(-1) ?? 'failed without a reason';
  return code === undefined || innermost.includes(code) ? innermost : `${innermost} (${code})`;
}
