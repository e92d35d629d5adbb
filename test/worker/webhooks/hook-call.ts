/** Calls one hook of podinfo, as a step does. */
import type { HookAnswer } from '../../../canary/hook-answer.ts';
import type { Webhook } from '../../../canary/spec.ts';
import type { HttpSender } from '../../../platform/http/http.ts';
import { createHookCaller } from '../../../worker/webhooks/call.ts';
import { aCanary } from '../../support/a-canary.ts';
import { aStep } from '../../support/a-step.ts';
import type { FakeClock } from '../../support/fake-clock.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createLocalHttp } from '../../support/local-http.ts';
import type { Answer, Receiver } from '../../support/receiver.ts';
import { startReceiver } from '../../support/receiver.ts';

const localHttp = createLocalHttp();

export interface HookCall {
  readonly hook?: Partial<Webhook>;
  /** Of the waits between attempts. */
  readonly clock?: FakeClock;
  readonly http?: HttpSender;
  readonly signal?: AbortSignal;
  /** Milliseconds that the whole step has, from now on. */
  readonly stepMs?: number;
}

export function call(
  url: string,
  { hook, clock = createFakeClock(), http = localHttp, signal, stepMs = Infinity }: HookCall = {},
): Promise<HookAnswer> {
  const asked: Webhook = {
    name: 'acceptance-test',
    type: 'pre-rollout',
    url,
    timeoutMs: 10_000,
    retries: 0,
    metadata: { type: 'bash' },
    muteAlert: false,
    disableTLS: false,
    ...hook,
  };
  const caller = createHookCaller({ http, clock, random: () => 0.5 });
  const now = clock.now();
  const step = aStep(aCanary(), { now, endsAt: now + stepMs, ...(signal === undefined ? {} : { signal }) });
  const question = { phase: 'Progressing', checksum: '55877b9d78', idempotencyKey: 'run-slot-hook' } as const;
  return caller(step, { kind: 'callHook', hook: asked, ...question });
}

/** Lets the attempts of a call fail one after another; tells how long it waits before each further one. */
export async function waitsOf(clock: FakeClock, retries: number): Promise<number[]> {
  const waits: number[] = [];
  for (let retry = 1; retry <= retries; retry += 1) {
    await clock.whenWaiting();
    waits.push(clock.waiting()[0] ?? -1);
    await clock.advanceToNext();
  }
  return waits;
}

export async function withReceiver(answer: Answer, use: (receiver: Receiver) => Promise<void>): Promise<void> {
  const receiver = await startReceiver({ answer });
  try {
    await use(receiver);
  } finally {
    await receiver.close();
  }
}
