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

test('one number of canaries is the size of whatever scenario runs; several are those of settled', (t) => {
  const sizes = (...args: readonly string[]) => {
    const { canaries, size } = readOptions(args);
    return { canaries, size };
  };
  t.deepEqual(sizes('--scenario', 'soak', '--canaries', '70'), { canaries: [70], size: 70 });
  t.deepEqual(sizes('--canaries', '5,10'), { canaries: [5, 10], size: undefined });
  t.deepEqual(sizes('--canaries', '5', '--size', '7'), { canaries: [5], size: 7 });
});

test('a soak lasts half an hour unless told, and may last longer than what is read from the queue', (t) => {
  const windows = (...args: readonly string[]) => {
    const { window, soakWindow } = readOptions(args);
    return { window, soakWindow };
  };
  t.deepEqual(windows(), { window: 60, soakWindow: 1_800 });
  t.deepEqual(windows('--window', '90'), { window: 90, soakWindow: 90 });
  t.is(windows('--scenario', 'soak', '--window', '7200').soakWindow, 7_200);
  t.throws(() => windows('--scenario', 'soak,settled', '--window', '7200'), { message: /from 5 to 120, got '7200'/ });
});

test('canaries that are only simulated may be more than a cluster would hold', (t) => {
  t.is(readOptions(['--scenario', 'capacity', '--canaries', '150000']).size, 150_000);
  t.throws(() => readOptions(['--scenario', 'capacity,settled', '--canaries', '150000']), { message: /to 10000, got/ });
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
