import type { ServerProcess } from './server-process.ts';

/** A server that can be turned off and on again. */
export interface Switch {
  readonly name: string;
  pid(): number | undefined;
  /**
   * Starts it and waits until it is ready; does nothing if it runs.
   * @throws Error when it does not get ready, or when somebody else answers at its address already
   */
  start(): Promise<void>;
  /** Ends it, politely or by SIGKILL; does nothing if it does not run. */
  stop(how?: 'stop' | 'kill'): Promise<void>;
}

/** What a {@link Switch} turns on. */
export interface SwitchOptions {
  readonly name: string;
  readonly launch: () => ServerProcess;
  readonly isReady: () => Promise<boolean>;
  /** Seconds within which it must be ready. */
  readonly seconds: number;
}

/** A switch that is off. */
export function createSwitch({ name, launch, isReady, seconds }: SwitchOptions): Switch {
  let server: ServerProcess | undefined;
  return {
    name,
    pid: () => (server?.isRunning() === true ? server.identity.pid : undefined),
    start: async () => {
      if (server?.isRunning() === true) return;
      // It would end, and whoever has its port would be taken for it.
      if (await isReady())
        throw new Error(`${name}: expected nobody at its address yet, got an answer: its port is taken`);
      server = launch();
      await server.ready(isReady, seconds);
    },
    stop: async (how = 'stop') => {
      if (how === 'kill') await server?.kill();
      else await server?.stop();
    },
  };
}
