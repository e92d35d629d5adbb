import test from 'ava';
import { readOptions } from '../../bench/options.ts';
import { scenarioNames } from '../../bench/scenarios/scenario-names.ts';

test('without arguments all scenarios run', (t) => {
  const { scenarios, canaries, workers, window, write } = readOptions([]);
  t.deepEqual(
    { scenarios, canaries, workers, window, write },
    {
      scenarios: scenarioNames,
      canaries: [100, 1_000, 3_000, 5_000],
      workers: 2,
      window: 60,
      write: false,
    },
  );
});

test('what is given is taken', (t) => {
  const { scenarios, canaries, window } = readOptions([
    '--scenario',
    'settled',
    '--canaries',
    '5,10',
    '--window',
    '20',
  ]);
  t.deepEqual({ scenarios, canaries, window }, { scenarios: ['settled'], canaries: [5, 10], window: 20 });
});

test('without --size each scenario has its own', (t) => {
  t.is(readOptions([]).size, undefined);
  t.is(readOptions(['--size', '70']).size, 70);
});

test('--write alone measures nothing', (t) => {
  const { scenarios, write } = readOptions(['--write']);
  t.deepEqual({ scenarios, write }, { scenarios: [], write: true });
});

test('a wrong option says what it takes', (t) => {
  const wrong = {
    '--scenario': ['none', /--scenario: expected some of settled.*, got 'none'/],
    '--canaries': ['100,many', /--canaries: expected a whole number from 1 to 10000, got 'many'/],
    '--size': ['0', /--size: expected a whole number from 1 to 10000, got '0'/],
    '--workers': ['0', /--workers: expected a whole number from 1 to 16, got '0'/],
    '--window': ['600', /--window: expected a whole number from 5 to 120, got '600'/],
  } as const;
  for (const [option, [value, message]] of Object.entries(wrong)) {
    t.throws(() => readOptions([option, value]), { message }, option);
  }
});
