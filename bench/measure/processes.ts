/** What processes have cost, from `/proc`. */
import { readFileSync } from 'node:fs';

/** Clock ticks a second in `/proc`, as on every Linux that Node runs on. */
const ticksPerSecond = 100;

/** Seconds on a processor that a process has used since its start, in user mode and in the kernel. */
export function cpuSeconds(pid: number, procDirectory = '/proc'): number {
  const stat = readFileSync(`${procDirectory}/${pid}/stat`, 'utf8');
  // The second field is the program's name in parentheses and may itself hold spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

/** Resident memory in MiB: now, and the most that it has been. */
export interface Memory {
  readonly now: number;
  readonly peak: number;
}

export function memoryOf(pid: number, procDirectory = '/proc'): Memory {
  const status = readFileSync(`${procDirectory}/${pid}/status`, 'utf8');
  const mebibytes = (field: string): number =>
    Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1] ?? Number.NaN) / 1_024;
  return { now: mebibytes('VmRSS'), peak: mebibytes('VmHWM') };
}
