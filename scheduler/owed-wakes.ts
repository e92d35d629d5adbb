/** Sees to it that the queue takes what is sent, also where it refuses it at first, as while Redis is away or full. */
import type { Cancel, Clock } from '../platform/clock.ts';

export interface OwedWakes<Wake> {
  /** Sends at once. Of a series that is refused only the newest is sent again: its step finds what the others told, too. */
  send(series: string, wake: Wake): void;
  /** What is owed is not sent any more. */
  stop(): void;
}

export interface OwedWakesOptions<Wake> {
  /** Harmless to do twice. */
  readonly give: (wake: Wake) => Promise<void>;
  readonly clock: Pick<Clock, 'after'>;
  /** Told of each wake that is refused, once. */
  readonly onRefused: (wake: Wake, error: unknown) => void;
}

/** Milliseconds. */
const againMs = 1_000;

export function createOwedWakes<Wake>({ give, clock, onRefused }: OwedWakesOptions<Wake>): OwedWakes<Wake> {
  const { owed, pay, moveBehind } = createDebts(give);
  let cancel: Cancel | undefined;
  let isStopped = false;

  const later = (): void => {
    if (isStopped || owed.size === 0) return;
    cancel ??= clock.after(againMs, () => {
      cancel = undefined;
      void again().then(later);
    });
  };
  /** With one alone at first: there may be thousands, and Redis still away. */
  const again = async (): Promise<void> => {
    const [first, ...others] = owed;
    if (first === undefined) return;
    try {
      await pay(first);
    } catch {
      moveBehind(first);
      return;
    }
    if (!isStopped) await Promise.allSettled(others.map(pay));
  };
  return {
    send: (series, wake) => {
      owed.set(series, wake);
      pay([series, wake]).catch((error: unknown) => {
        onRefused(wake, error);
        later();
      });
    },
    stop: () => {
      isStopped = true;
      cancel?.();
      owed.clear();
    },
  };
}

type Owed<Wake> = readonly [series: string, wake: Wake];

/** The newest of each series. */
function createDebts<Wake>(give: OwedWakesOptions<Wake>['give']) {
  const owed = new Map<string, Wake>();
  const isNewest = ([series, wake]: Owed<Wake>): boolean => owed.get(series) === wake;
  return {
    owed,
    /** Rejects as `give` does. */
    pay: async (one: Owed<Wake>): Promise<void> => {
      const [series, wake] = one;
      await give(wake);
      if (isNewest(one)) owed.delete(series);
    },
    /** One that is refused for what it is must not keep the others waiting. */
    moveBehind: (one: Owed<Wake>): void => {
      const [series, wake] = one;
      if (!isNewest(one)) return;
      owed.delete(series);
      owed.set(series, wake);
    },
  };
}
