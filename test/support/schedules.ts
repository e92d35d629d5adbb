/** Schedules of canaries of a namespace, as many as a test wants. */
import type { Schedule } from '../../canary/schedule.ts';

export function aSchedule(name: string, over: Partial<Schedule> & { intervalMs?: number } = {}): Schedule {
  const { intervalMs = 10_000, ...rest } = over;
  const uid = `uid-of-${name}`;
  return {
    namespace: 'shop',
    name,
    uid,
    generation: 1,
    rhythm: { uid, intervalMs },
    idle: false,
    leaving: false,
    ...rest,
  };
}

/** With an interval of ten minutes. */
export const schedulesOf = (namespace: string, count: number, over: Partial<Schedule> = {}): Schedule[] =>
  Array.from({ length: count }, (_, index) =>
    aSchedule(`${namespace}-${index}`, { namespace, intervalMs: 600_000, ...over }),
  );
