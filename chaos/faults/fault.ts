/** What may be done to a running installation, and to whom. */

/** One process of Aviary, as `worker-1`. */
export type ProcessName = `worker-${number}` | `scheduler-${number}`;
export type ServerName = 'redis' | 'api';

/** Times in milliseconds. */
export type Fault =
  /** SIGKILL; started again after the pause. */
  | { readonly kind: 'kill'; readonly victim: ProcessName | ServerName; readonly forMs: number }
  /** SIGSTOP, then SIGCONT: longer than lock and lease, so that a zombie wakes up. */
  | { readonly kind: 'freeze'; readonly victim: ProcessName | ServerName; readonly forMs: number }
  /** Redis forgets everything. */
  | { readonly kind: 'flush'; readonly victim: 'redis'; readonly forMs: 0 }
  /** The connections of a process to a server break, and new ones are refused. */
  | { readonly kind: 'cut'; readonly victim: ProcessName; readonly to: ServerName; readonly forMs: number }
  /** They stay open and carry nothing. */
  | { readonly kind: 'silence'; readonly victim: ProcessName; readonly to: ServerName; readonly forMs: number }
  /** SIGTERM to one worker after the other, each started again at once. */
  | { readonly kind: 'roll'; readonly victim: 'workers'; readonly forMs: 0 }
  /** A tick of a CronJob beside the schedulers that stay. */
  | { readonly kind: 'tick'; readonly victim: 'cron'; readonly forMs: 0 };

export type FaultKind = Fault['kind'];

export interface TimedFault {
  /** Milliseconds after the start of the chaos. */
  readonly atMs: number;
  readonly fault: Fault;
}

/** When a fault was there, in epoch milliseconds. */
export interface FaultSpan {
  readonly from: number;
  readonly until: number;
  readonly fault: Fault;
}

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;

/** As `freeze worker-1 for 12.0 s`. */
export function describeFault(fault: Fault): string {
  switch (fault.kind) {
    case 'kill':
      return `kill ${fault.victim}, start it again after ${seconds(fault.forMs)}`;
    case 'freeze':
      return `freeze ${fault.victim} for ${seconds(fault.forMs)}`;
    case 'flush':
      return 'empty redis';
    case 'cut':
      return `cut ${fault.victim} off from ${fault.to} for ${seconds(fault.forMs)}`;
    case 'silence':
      return `silence between ${fault.victim} and ${fault.to} for ${seconds(fault.forMs)}`;
    case 'roll':
      return 'restart the workers one by one';
    case 'tick':
      return 'a tick of a CronJob';
    default:
      return fault satisfies never;
  }
}
