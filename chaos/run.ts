/** One run: a stage, a fleet and a cast, faults until time is up, then the scripts' ends and the verdict. */
import { systemClock as clock } from '../platform/clock.ts';
import { describeFault } from './faults/fault.ts';
import type { FaultSpan, TimedFault } from './faults/fault.ts';
import { inject } from './faults/inject.ts';
import type { Injector } from './faults/inject.ts';
import { planFaults, processNames } from './faults/plan.ts';
import { rulingsOn, violationsIn } from './judge/judge.ts';
import type { Evidence, Ruling } from './judge/evidence.ts';
import { readAudit } from './record/audit.ts';
import { keepLogs } from './record/keep-logs.ts';
import { readStates } from './record/etcd.ts';
import { evidenceOf } from './record/evidence.ts';
import { castOf } from './scripts/cast.ts';
import { play } from './scripts/play.ts';
import type { Play } from './scripts/play.ts';
import { startFleet } from './world/fleet.ts';
import { openStage } from './world/stage.ts';
import type { Stage } from './world/stage.ts';

export interface RunOptions {
  readonly seed: number;
  /** How long faults happen, in milliseconds. */
  readonly durationMs: number;
  readonly canaries: number;
  readonly workers: number;
  /** Folder for the logs of a run that has violated something; left out: they go with the servers. */
  readonly logs?: string | undefined;
  readonly say: (line: string) => void;
}

export interface Verdict {
  /** Of every rule: what it has found, and how much it has looked at. */
  readonly rulings: readonly Ruling[];
  readonly faults: readonly FaultSpan[];
  readonly figures: Figures;
}

/** How much there was to be judged. */
export interface Figures {
  readonly canaries: number;
  readonly rounds: number;
  readonly runs: number;
  readonly states: number;
  readonly hooks: number;
  readonly alerts: number;
}

const schedulers = 2;
/** Longest interval times the steps of the longest script, and what it takes to get up again after the last fault. */
const settlingMs = 150_000;
const reportMs = 10_000;

export async function runChaos(options: RunOptions): Promise<Verdict> {
  const { seed, durationMs, workers, say } = options;
  const plan = planFaults({ seed, durationMs, workers, schedulers });
  say(`seed ${seed}: ${plan.length} faults in ${durationMs / 1_000} s`);
  const stage = await openStage();
  try {
    const names = processNames({ workers, schedulers });
    const fleet = await startFleet({ stage, names, onLeft: say });
    const stopReports = clock.every(reportMs, () => say(`  ${spoken(stage.view.phases())}`));
    try {
      const { faults, played } = await perform(options, { stage, fleet, say }, plan);
      const evidence = await gather(stage, played, faults);
      const rulings = rulingsOn(evidence);
      if (violationsIn(rulings).length > 0 && options.logs !== undefined)
        await keepLogs(stage.light.directory, options.logs);
      return { rulings, faults, figures: figuresOf(evidence) };
    } finally {
      stopReports();
      await fleet.stop();
    }
  } finally {
    await stage.close();
  }
}

const spoken = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([phase, count]) => `${phase} ${count}`)
    .join(', ');

async function perform(options: RunOptions, injector: Injector, plan: readonly TimedFault[]) {
  const [over, deadline] = [new AbortController(), new AbortController()];
  const playing = play({
    stage: injector.stage,
    cast: castOf(options),
    over: over.signal,
    deadline: deadline.signal,
  });
  const faults = await injectAll(options, injector, plan);
  options.say('the faults are over; every script comes to its end now');
  over.abort();
  const cancel = clock.after(settlingMs, () => deadline.abort());
  try {
    return { faults, played: await playing };
  } finally {
    cancel();
  }
}

async function injectAll({ durationMs }: RunOptions, injector: Injector, plan: readonly TimedFault[]) {
  const start = clock.now();
  const spans: FaultSpan[] = [];
  const running: Promise<void>[] = [];
  // On a busy machine a server takes longer to come back than the plan allows for.
  const away = new Set<string>();
  const waitFor = (atMs: number): Promise<void> => clock.sleep(Math.max(0, start + atMs - clock.now()));
  for (const { atMs, fault } of plan) {
    await waitFor(atMs);
    if (away.has(fault.victim)) {
      injector.say(`left out, because ${fault.victim} is not back yet: ${describeFault(fault)}`);
      continue;
    }
    injector.say(describeFault(fault));
    away.add(fault.victim);
    const from = clock.now();
    const struck = inject(injector, fault).then((wasThere) => {
      // What has struck nobody accounts for nothing.
      if (wasThere) spans.push({ from, until: clock.now(), fault });
      else injector.say(`  ${fault.victim} was not there`);
      return undefined;
    });
    running.push(struck.finally(() => away.delete(fault.victim)));
  }
  await waitFor(durationMs);
  await Promise.all(running);
  return spans;
}

async function gather(
  { light, receiver }: Stage,
  { roles, endings }: Play,
  faults: readonly FaultSpan[],
): Promise<Evidence> {
  if (light.auditLogPath === undefined) throw new Error('this cluster was started without an audit log');
  const [audit, canaries, routes] = await Promise.all([
    readAudit(light.auditLogPath),
    readStates(light.etcdUrl, 'flagger.app/canaries'),
    readStates(light.etcdUrl, 'kuma.io/meshhttproutes'),
  ]);
  const { hooks, alerts } = receiver;
  return { ...evidenceOf({ roles, audit, canaries, routes }), hooks, alerts, endings, faults };
}

const figuresOf = ({ histories, hooks, alerts, endings }: Evidence): Figures => ({
  canaries: histories.length,
  rounds: endings.filter(({ round }) => round > 0).length,
  runs: new Set(histories.flatMap(({ states }) => states.flatMap(({ status }) => status.run?.id ?? []))).size,
  states: histories.reduce((sum, { states }) => sum + states.length, 0),
  hooks: hooks.length,
  alerts: alerts.length,
});
