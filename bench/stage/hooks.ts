/** A hook that gives everybody the same answer, after a while, and keeps what it was asked. */
import { systemClock as clock } from '../../platform/clock.ts';
import { stringAt } from '../../platform/json.ts';
import type { HookQuestion } from '../../sandbox/hook-question.ts';
import { servePosts } from '../../sandbox/post-server.ts';

export interface HookCall extends HookQuestion {
  /** `namespace/name` */
  readonly canary: string;
}

export interface Hooks {
  /** What a Canary has to say in its analysis to be asked about here. */
  readonly webhooks: readonly Readonly<Record<string, string>>[];
  /** In the order in which they came. */
  readonly calls: readonly HookCall[];
  close(): Promise<void>;
}

const name = 'check';

export interface HookOptions {
  /** As in a Canary's `webhooks`; `rollout` unless told. */
  readonly type?: string;
  /** The HTTP status that it answers with; 200 unless told. */
  readonly status?: number;
}

/** @param answersAfterMs milliseconds that the hook takes for its answer */
export async function startHooks(answersAfterMs: number, options: HookOptions = {}): Promise<Hooks> {
  const { type = 'rollout', status = 200 } = options;
  const calls: HookCall[] = [];
  const server = await servePosts(async ({ body, idempotencyKey: key }) => {
    const of = (field: string): string => stringAt(body, field) ?? '';
    const canary = `${of('namespace')}/${of('name')}`;
    const hook = `${type}/${name}`;
    calls.push({ at: clock.now(), canary, key, hook, phase: of('phase'), checksum: of('checksum') });
    await clock.sleep(answersAfterMs);
    return status;
  });
  return { webhooks: [{ name, type, url: server.url }], calls, close: () => server.close() };
}
