/** Does to a running installation what the plan says, and undoes it. */
import { Redis } from 'ioredis';
import { systemClock as clock } from '../../platform/clock.ts';
import { identify, signal } from '../../sandbox/process-table.ts';
import type { Fleet } from '../world/fleet.ts';
import type { Stage } from '../world/stage.ts';
import type { Fault, ProcessName, ServerName } from './fault.ts';

export interface Injector {
  readonly stage: Stage;
  readonly fleet: Fleet;
  /** Told of what is worth a line. */
  readonly say: (text: string) => void;
}

/** Resolves when the fault is over and its victim is there again, to whether anybody was there to be struck. */
export async function inject(injector: Injector, fault: Fault): Promise<boolean> {
  if (fault.kind === 'kill' || fault.kind === 'freeze') return strike(injector, fault);
  await befall(injector, fault);
  return true;
}

async function befall(injector: Injector, fault: Exclude<Fault, Strike>): Promise<void> {
  switch (fault.kind) {
    case 'flush':
      return flush(injector);
    case 'cut':
    case 'silence':
      return breakLine(injector, fault);
    case 'roll':
      return roll(injector);
    case 'tick':
      return tick(injector);
    default:
      return fault satisfies never;
  }
}

type Strike = Extract<Fault, { kind: 'kill' | 'freeze' }>;

async function strike(injector: Injector, { kind, victim, forMs }: Strike): Promise<boolean> {
  if (victim === 'redis' || victim === 'api') {
    return kind === 'kill' ? killServer(injector, victim, forMs) : freezeServer(injector, victim, forMs);
  }
  return kind === 'kill' ? killProcess(injector, victim, forMs) : freezeProcess(injector, victim, forMs);
}

async function breakLine({ fleet }: Injector, fault: Extract<Fault, { kind: 'cut' | 'silence' }>): Promise<void> {
  const line = fleet.line(fault.victim, fault.to);
  line[fault.kind]();
  await clock.sleep(fault.forMs);
  line.mend();
}

async function tick({ fleet, say }: Injector): Promise<void> {
  const how = await fleet.tick();
  if (how !== 'exit code 0') say(`  the tick of a CronJob ended with ${how}`);
}

async function killServer({ stage: { light } }: Injector, victim: ServerName, forMs: number): Promise<boolean> {
  await (victim === 'redis' ? light.stopRedis('kill') : light.stopApiServer('kill'));
  await clock.sleep(forMs);
  await (victim === 'redis' ? light.startRedis() : light.startApiServer());
  return true;
}

const programs = { redis: 'redis-server', api: 'kube-apiserver' } as const;

async function freezeServer({ stage: { light } }: Injector, victim: ServerName, forMs: number): Promise<boolean> {
  const identity = identify(light.serverPids()[programs[victim]] ?? 0);
  if (identity === undefined) return false;
  signal(identity, 'SIGSTOP');
  await clock.sleep(forMs);
  signal(identity, 'SIGCONT');
  return true;
}

async function killProcess({ fleet }: Injector, victim: ProcessName, forMs: number): Promise<boolean> {
  const wasThere = await fleet.kill(victim);
  await clock.sleep(forMs);
  fleet.start(victim);
  return wasThere;
}

async function freezeProcess({ fleet }: Injector, victim: ProcessName, forMs: number): Promise<boolean> {
  if (!fleet.freeze(victim)) return false;
  await clock.sleep(forMs);
  fleet.thaw(victim);
  return true;
}

async function roll({ fleet, say }: Injector): Promise<void> {
  for (const name of fleet.names.filter((one) => one.startsWith('worker-'))) {
    const how = await fleet.terminate(name);
    if (how !== 'exit code 0') say(`  ${name} was told to stop and ended with ${how}`);
    fleet.start(name);
  }
}

/** Redis may be away at the moment; then it is emptied as soon as it is there. */
async function flush({ stage: { light } }: Injector): Promise<void> {
  const redis = new Redis(light.redisUrl, { maxRetriesPerRequest: null });
  redis.on('error', () => undefined);
  try {
    await redis.flushall();
  } finally {
    redis.disconnect();
  }
}
