/** Who the canaries' hooks and alerts go to: it answers as the scripts want and keeps what came, with its time. */
import type { Clock } from '../../platform/clock.ts';
import { stringAt, valueAt } from '../../platform/json.ts';
import { servePosts } from '../../sandbox/post-server.ts';

/** A question to a hook. */
export interface HookCall {
  /** Epoch milliseconds at which it had come in whole. */
  readonly at: number;
  /** `{namespace}/{name}`, as the body says. */
  readonly canary: string;
  readonly hook: HookName;
  /** The header Idempotency-Key. */
  readonly key: string;
  readonly phase: string;
  readonly checksum: string;
  readonly passed: boolean;
}

/** Name of a hook in the Canary, and the last part of its address. */
export type HookName = 'check' | 'gate';

export interface AlertCall {
  readonly at: number;
  readonly canary: string;
  readonly text: string;
}

export interface Receiver {
  /** For example `http://127.0.0.1:41233`. */
  readonly url: string;
  readonly hooks: readonly HookCall[];
  readonly alerts: readonly AlertCall[];
  /** Whether a hook of a canary says no from now on; all say yes at first. */
  refuse(hook: HookName, canary: string, isRefusing: boolean): void;
  close(): Promise<void>;
}

export async function startReceiver(clock: Clock): Promise<Receiver> {
  const hooks: HookCall[] = [];
  const alerts: AlertCall[] = [];
  const refusing = new Set<string>();
  const answer = (path: string, body: unknown, key: string): number => {
    const at = clock.now();
    if (path === '/slack') {
      alerts.push(alertCall(body, at));
      return 200;
    }
    const canary = `${stringAt(body, 'namespace')}/${stringAt(body, 'name')}`;
    const hook = path === '/gate' ? 'gate' : 'check';
    const passed = !refusing.has(`${hook} ${canary}`);
    const phase = stringAt(body, 'phase') ?? '';
    hooks.push({ at, canary, hook, key, phase, checksum: stringAt(body, 'checksum') ?? '', passed });
    return passed ? 200 : 403;
  };
  const server = await servePosts(({ path, body, idempotencyKey }) => answer(path, body, idempotencyKey));
  return {
    url: server.url,
    hooks,
    alerts,
    refuse: (hook, canary, isRefusing) => {
      if (isRefusing) refusing.add(`${hook} ${canary}`);
      else refusing.delete(`${hook} ${canary}`);
    },
    close: () => server.close(),
  };
}

/** Slack's attachment names its canary as `{name}.{namespace}`. */
function alertCall(body: unknown, at: number): AlertCall {
  const attachment = valueAt(body, 'attachments', 0);
  const [name, namespace] = (stringAt(attachment, 'author_name') ?? '').split('.');
  return { at, canary: `${namespace}/${name}`, text: stringAt(attachment, 'text') ?? '' };
}
