/** Slack: incoming webhooks and chat.postMessage. Body: specification of events and alerts, section 5. */
import { stringAt, valueAt } from '../../platform/json.ts';
import type { HttpResponse, HttpSender } from '../../platform/http/http.ts';
import type { Severity } from '../../canary/spec.ts';
import { excerptWithout, longestBody, secretsOf } from '../shown.ts';
import type { Alert, Notifier } from './notifier.ts';

const timeoutMs = 5000;

const colours: Readonly<Record<Severity, string>> = { info: 'good', warn: 'good', error: 'danger' };

export interface SlackOptions {
  readonly http: HttpSender;
  /** Of the webhook or API method; a secret, so it is never shown beyond its host. */
  readonly url: string;
  readonly channel: string;
  readonly username: string;
  readonly token?: string | undefined;
  readonly proxy?: string | undefined;
}

/** @throws Error when the URL, the channel or the user name is missing or unusable */
export function createSlackNotifier(options: SlackOptions): Notifier {
  const { http, url, channel, username, token, proxy } = options;
  assertUrl(url);
  if (username === '') throw new Error('empty Slack username');
  if (channel === '') throw new Error('empty Slack channel');
  const authorization = token === undefined || token === '' ? {} : { authorization: `Bearer ${token}` };
  const headers = { 'content-type': 'application/json', ...authorization };
  return {
    send: async (alert, signal) => {
      const body = slackBody({ channel, username }, alert);
      const request = { method: 'POST', url, headers, body, timeoutMs, proxy, signal, maxBodyBytes: longestBody };
      const secrets = [...secretsOf(url, true), ...secretsOf(proxy ?? '', false), token ?? ''];
      assertTaken(await http.send(request), (text) => excerptWithout(text, secrets));
    },
  };
}

/** The message shows nothing of the URL, which is a secret. */
function assertUrl(url: string): void {
  const scheme = URL.canParse(url) ? new URL(url).protocol : 'none';
  if (scheme === 'https:' || scheme === 'http:') return;
  throw new Error(`invalid Slack URL: expected one that begins with https:// or http://, got scheme ${scheme}`);
}

/** Specification of events and alerts, section 5; `text` of the top level is left out. */
export function slackBody({ channel, username }: { channel: string; username: string }, alert: Alert): string {
  return JSON.stringify({
    channel,
    username,
    icon_url: '',
    icon_emoji: ':rocket:',
    attachments: [
      {
        color: colours[alert.severity],
        author_name: `${alert.canary}.${alert.namespace}`,
        text: alert.message,
        mrkdwn_in: ['text'],
        fields: alert.fields.map(({ name, value }) => ({ title: name, value, short: false })),
      },
    ],
  });
}

/** The API answers a refusal with status 200 and says so in the body only; a webhook answers with plain text. */
function assertTaken({ status, text }: HttpResponse, shown: (text: string) => string): void {
  if (status < 200 || status >= 300) {
    throw new Error(`sending notification bad response ${status}: ${shown(text)}`);
  }
  const answer = jsonOf(text);
  if (valueAt(answer, 'ok') !== false) return;
  throw new Error(`sending notification refused by Slack: ${shown(stringAt(answer, 'error') ?? 'no reason given')}`);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
