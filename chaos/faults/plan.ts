/** The plan of a run: seed → what happens to whom and when. Pure, so a run can be repeated. */
import { createDice } from '../dice.ts';
import type { Dice } from '../dice.ts';
import type { Fault, ProcessName, ServerName, TimedFault } from './fault.ts';

export interface PlanOptions {
  readonly seed: number;
  /** How long faults begin and last. */
  readonly durationMs: number;
  readonly workers: number;
  readonly schedulers: number;
}

/** Milliseconds between the beginnings of two faults, at least and at most. */
const gap = { least: 500, most: 4_000 };
/** A victim is left alone for so long after a fault, so that it does some work between two of them. */
const restMs = 3_000;

/** What a card says, with its victim and times by chance. */
type Card = (table: Table) => Fault;

interface Table {
  readonly dice: Dice;
  readonly worker: () => ProcessName;
  readonly scheduler: () => ProcessName;
  readonly server: () => ServerName;
}

const killWorker: Card = ({ dice, worker }) => ({ kind: 'kill', victim: worker(), forMs: dice.between(0, 5_000) });
const freezeWorker: Card = ({ dice, worker }) => ({
  kind: 'freeze',
  victim: worker(),
  forMs: dice.between(1_000, 20_000),
});
const cut: Card = ({ dice, worker, server }) => ({
  kind: 'cut',
  victim: worker(),
  to: server(),
  forMs: dice.between(500, 8_000),
});
const silence: Card = ({ dice, worker, server }) => ({
  kind: 'silence',
  victim: worker(),
  to: server(),
  forMs: dice.between(1_000, 15_000),
});
const cronTick: Card = () => ({ kind: 'tick', victim: 'cron', forMs: 0 });

/** Drawn until it is empty, so that a short run sees every kind, too. */
const deck: readonly Card[] = [
  killWorker,
  killWorker,
  killWorker,
  freezeWorker,
  freezeWorker,
  freezeWorker,
  cut,
  cut,
  silence,
  silence,
  cronTick,
  cronTick,
  ({ dice, scheduler }) => ({ kind: 'kill', victim: scheduler(), forMs: dice.between(0, 5_000) }),
  ({ dice, scheduler }) => ({ kind: 'freeze', victim: scheduler(), forMs: dice.between(1_000, 20_000) }),
  ({ dice }) => ({ kind: 'kill', victim: 'redis', forMs: dice.between(0, 3_000) }),
  ({ dice }) => ({ kind: 'freeze', victim: 'redis', forMs: dice.between(500, 8_000) }),
  () => ({ kind: 'flush', victim: 'redis', forMs: 0 }),
  ({ dice }) => ({ kind: 'kill', victim: 'api', forMs: dice.between(0, 2_000) }),
  ({ dice }) => ({ kind: 'freeze', victim: 'api', forMs: dice.between(500, 8_000) }),
  () => ({ kind: 'roll', victim: 'workers', forMs: 0 }),
];

/** Every fault is over by the end of the duration. In order of their beginnings. */
export function planFaults(options: PlanOptions): readonly TimedFault[] {
  const dice = createDice(options.seed);
  const table: Table = {
    dice,
    worker: () => dice.pick(names('worker', options.workers)),
    scheduler: () => dice.pick(names('scheduler', options.schedulers)),
    server: () => dice.pick(['redis', 'api']),
  };
  const busyUntil = new Map<string, number>();
  const planned: TimedFault[] = [];
  let cards: readonly Card[] = [];
  for (let atMs = 0; ; ) {
    atMs += dice.between(gap.least, gap.most);
    if (atMs >= options.durationMs) return planned;
    if (cards.length === 0) cards = dice.shuffle(deck);
    const [card = cronTick, ...rest] = cards;
    cards = rest;
    const fault = card(table);
    const endsAt = atMs + fault.forMs;
    const victims = victimsOf(fault, options);
    const isBusy = victims.some((victim) => (busyUntil.get(victim) ?? 0) > atMs);
    if (isBusy || endsAt > options.durationMs) continue;
    for (const victim of victims) busyUntil.set(victim, endsAt + restMs);
    planned.push({ atMs, fault });
  }
}

function victimsOf({ victim }: Fault, { workers }: PlanOptions): readonly string[] {
  return victim === 'workers' ? names('worker', workers) : [victim];
}

const names = <Role extends 'worker' | 'scheduler'>(role: Role, count: number): readonly `${Role}-${number}`[] =>
  Array.from({ length: count }, (_, index) => `${role}-${index + 1}` as const);

/** Names of the processes of a run. */
export const processNames = ({ workers, schedulers }: Pick<PlanOptions, 'workers' | 'schedulers'>): ProcessName[] => [
  ...names('scheduler', schedulers),
  ...names('worker', workers),
];
