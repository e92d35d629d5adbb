import { readFileSync } from 'node:fs';

/** One process, told apart from a later one that got the same pid. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks between the machine's start and the process's. */
  readonly started: number;
}

/** The process that has this pid now, or `undefined` if there is none or it only waits to be collected. */
export function identify(pid: number, procDirectory = '/proc'): ProcessIdentity | undefined {
  try {
    const stat = readFileSync(`${procDirectory}/${pid}/stat`, 'utf8');
    // The second field is the program's name in parentheses and may itself hold spaces and parentheses.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const isZombie = fields[0] === 'Z' || fields[0] === 'X';
    return isZombie ? undefined : { pid, started: Number(fields[19]) };
  } catch {
    return undefined;
  }
}

/** Whether this very process still runs. */
export const isRunning = ({ pid, started }: ProcessIdentity): boolean => identify(pid)?.started === started;

/** Sends a signal to this very process, and to no other that has its pid by now. */
export function signal(identity: ProcessIdentity, name: NodeJS.Signals): void {
  if (!isRunning(identity)) return;
  try {
    process.kill(identity.pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
