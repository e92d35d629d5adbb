/** A process of the simulation: it says things by itself, answers questions, and ends when this one does. */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { waitFor } from '../../sandbox/wait.ts';

export interface Child<Said> {
  readonly pid: number;
  /** All that it has said so far. */
  readonly said: readonly Said[];
  /** Sends a question and resolves to the answer. */
  ask<Answer>(question: string, seconds?: number): Promise<Answer>;
  /** Ends it and resolves when it has ended. */
  end(): Promise<void>;
}

/** What goes between the processes. */
export interface Answered {
  readonly answerTo: number;
  readonly answer: unknown;
}
export interface Asked {
  readonly number: number;
  readonly question: string;
}

const patienceSeconds = 120;

/** @param program file of this folder without its ending */
export function startChild<Said>(program: string, args: readonly string[]): Child<Said> {
  const child = fork(join(import.meta.dirname, `${program}.js`), args, {
    execArgv: ['--enable-source-maps', '--expose-gc'],
    serialization: 'advanced',
    // Nothing of this process's surroundings is the simulation's business.
    env: {},
  });
  const said: Said[] = [];
  const answers = new Map<number, unknown>();
  let ended: string | undefined;
  child.on('message', (message) => {
    if (isAnswer(message)) answers.set(message.answerTo, message.answer);
    else said.push(message as Said);
  });
  child.once('exit', (code, by) => (ended = by ?? `exit code ${code}`));
  let asked = 0;
  return {
    pid: child.pid ?? Number.NaN,
    said,
    ask: async <Answer>(question: string, seconds = patienceSeconds) => {
      const number = (asked += 1);
      child.send({ number, question } satisfies Asked);
      const look = (): { readonly answer: unknown } | undefined => {
        if (ended !== undefined) throw new Error(`${program}: expected an answer to '${question}', it ended: ${ended}`);
        return answers.has(number) ? { answer: answers.get(number) } : undefined;
      };
      const { answer } = await waitFor({ what: `${program}: answer to '${question}'`, seconds, every: 5, look });
      answers.delete(number);
      return answer as Answer;
    },
    end: () => endChild(child, () => ended),
  };
}

async function endChild(child: ChildProcess, ended: () => string | undefined): Promise<void> {
  if (ended() === undefined) child.kill('SIGKILL');
  await waitFor({ what: 'a process of the simulation to end', seconds: 20, every: 10, look: ended });
}

const isAnswer = (message: unknown): message is Answered =>
  typeof message === 'object' && message !== null && 'answerTo' in message;

/** The child's side: answers until the other process is gone, and then ends. */
export function answerQuestions(answers: Readonly<Record<string, () => unknown>>): void {
  process.on('message', ({ number, question }: Asked) => {
    void Promise.resolve(answers[question]?.()).then((answer) => say({ answerTo: number, answer } satisfies Answered));
  });
  process.once('disconnect', () => process.exit(0));
}

export const say = (message: object): void => void process.send?.(message);
