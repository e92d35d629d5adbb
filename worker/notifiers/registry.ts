/** Every type of AlertProvider that we can send to. A further type is a file and a row. */
import type { HttpSender } from '../../platform/http/http.ts';
import type { Notifier } from './notifier.ts';
import { createSlackNotifier } from './slack.ts';

/** What an AlertProvider or the operator's settings say about a receiver. */
export interface NotifierRequest {
  readonly http: HttpSender;
  readonly url: string;
  readonly channel: string;
  readonly username: string;
  readonly token?: string | undefined;
  readonly proxy?: string | undefined;
}

/** @throws Error when the request lacks what this type needs */
export type NotifierFactory = (request: NotifierRequest) => Notifier;

export const notifierFactories: ReadonlyMap<string, NotifierFactory> = new Map([['slack', createSlackNotifier]]);
