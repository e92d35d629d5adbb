/** The chaos in small: a minute of faults on a dozen canaries, and none of them is harmed. `npm run chaos` is the long one. */
import test from 'ava';
import { violationsIn } from '../../chaos/judge/judge.ts';
import { reportOf } from '../../chaos/report.ts';
import { runChaos } from '../../chaos/run.ts';

const seed = 7;

test('a dozen canaries come to the ends of their scripts through a minute of faults', async (t) => {
  t.timeout(300_000);
  const said: string[] = [];
  const options = { seed, durationMs: 60_000, canaries: 12, workers: 2, say: (line: string) => void said.push(line) };
  const verdict = await runChaos(options);
  t.log(said.join('\n'));
  t.deepEqual(violationsIn(verdict.rulings), [], reportOf(verdict, options));
  t.log(reportOf(verdict, options));
  const { faults, figures } = verdict;
  t.true(
    faults.length > 10 && figures.rounds >= 12 && figures.hooks > 0 && figures.alerts > 0,
    JSON.stringify(figures),
  );
});
