import { spawn } from 'node:child_process';

/** A command that runs to its end. */
export interface Command {
  readonly argv: readonly [string, ...string[]];
  readonly cwd?: string;
  /** The whole environment of the command; inherits ours when left out. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Text for its standard input. */
  readonly stdin?: string | Buffer;
  /** Seconds after which it is killed; 600 unless told. */
  readonly seconds?: number;
}

/** How a command ended. */
export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command and hands back how it ended, whatever its exit code; 127 when it could not be started. */
export function run(command: Command): Promise<CommandResult> {
  const [program, ...args] = command.argv;
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: command.cwd,
      env: command.env === undefined ? undefined : { ...command.env },
      stdio: ['pipe', 'pipe', 'pipe'],
      // Unlike the `timeout` option, its timer ends with the process that waits, even if the command never started.
      signal: AbortSignal.timeout((command.seconds ?? 600) * 1000),
      killSignal: 'SIGKILL',
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.on('error', (error) => {
      if (error.name !== 'AbortError') resolve({ code: 127, stdout: '', stderr: error.message });
    });
    child.on('close', (code, signal) => {
      const ended = signal === null ? '' : `\nended by ${signal}`;
      const stderr = Buffer.concat(err).toString('utf8') + ended;
      resolve({ code: code ?? 137, stdout: Buffer.concat(out).toString('utf8'), stderr });
    });
    child.stdin.on('error', () => {}); // a command that does not read its input may close it
    child.stdin.end(command.stdin);
  });
}

/**
 * Runs a command that must succeed and returns its standard output.
 * @throws Error with the command line, the exit code and the end of what it printed.
 */
export async function runOrThrow(command: Command): Promise<string> {
  const result = await run(command);
  if (result.code === 0) return result.stdout;
  const said = lastLines(result.stderr.trim() === '' ? result.stdout : result.stderr, 15);
  throw new Error(`'${command.argv.join(' ')}': expected exit code 0, got ${result.code}: ${said}`);
}

/** The last `count` lines of a text. */
export const lastLines = (text: string, count: number): string => text.trimEnd().split('\n').slice(-count).join('\n');
