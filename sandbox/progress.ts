import { monotonic, repeatedly } from './wait.ts';

/** Tells a person what is going on. Lines carry the time since the start. */
export interface Progress {
  /** One line. */
  say(text: string): void;
  /**
   * Says that `label` begins, how long it may take, every 20 seconds that it still goes on, and how it ended.
   * @param estimate seconds that it takes on two cores; left out for what is quick.
   */
  during<T>(label: string, work: () => Promise<T>, estimate?: number): Promise<T>;
}

const heartbeatMilliseconds = 20_000;

/** A {@link Progress} that writes lines by `write`. */
export function createProgress(write: (line: string) => void): Progress {
  const start = monotonic();
  const say = (text: string): void => {
    const elapsed = ((monotonic() - start) / 1000).toFixed(1);
    write(`${elapsed.padStart(7)}s  ${text}`);
  };
  return {
    say,
    during: async (label, work, estimate) => {
      const begun = monotonic();
      const took = (): string => spoken((monotonic() - begun) / 1000);
      const expected = estimate === undefined ? '' : ` of about ${spoken(estimate)}`;
      if (estimate !== undefined) say(`${label} … (about ${spoken(estimate)} on two cores)`);
      const stop = repeatedly(heartbeatMilliseconds, () => say(`${label} … ${took()}${expected}`));
      try {
        const result = await work();
        say(`${label}: done in ${took()}`);
        return result;
      } finally {
        stop();
      }
    },
  };
}

/** A {@link Progress} that says nothing, for tests. */
export const silent: Progress = { say: () => {}, during: (_label, work) => work() };

/** Seconds as a person says them: `4.2 s`, `1 min 20 s`. */
export function spoken(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const whole = Math.round(seconds);
  const rest = whole % 60;
  return rest === 0 ? `${Math.floor(whole / 60)} min` : `${Math.floor(whole / 60)} min ${rest} s`;
}
