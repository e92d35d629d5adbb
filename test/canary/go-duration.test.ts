import test from 'ava';
import { assert, integer, property } from 'fast-check';
import {
  formatGoDuration,
  formatGoExponential,
  formatGoFixed,
  formatGoFloat,
  parseGoDuration,
} from '../../canary/go-duration.ts';

const accepted: readonly (readonly [string, number])[] = [
  ['0', 0],
  ['0s', 0],
  ['1m30s', 90_000],
  ['500ms', 500],
  ['1h', 3_600_000],
  ['1.5h', 5_400_000],
  ['.5s', 500],
  ['1.s', 1000],
  ['+5s', 5000],
  ['-1.5s', -1500],
  ['3us', 0.003],
  ['3\u00b5s', 0.003],
  ['3\u03bcs', 0.003],
  ['1ns', 0.000001],
  ['39h9m14.425s', 140_954_425],
  ['1s1s', 2000],
  ['0.3333333333333333333h', 1_200_000],
  ['9223372036854775807ns', 9_223_372_036_854.775],
];

for (const [text, milliseconds] of accepted) {
  test(`the duration '${text}' is ${milliseconds} ms`, (t) => {
    t.true(Math.abs((parseGoDuration(text) ?? Number.NaN) - milliseconds) < 0.000001 * Math.max(1, milliseconds / 1e9));
  });
}

for (const text of [
  '',
  '5',
  '-',
  '.',
  '.s',
  's',
  '+',
  '1d',
  '1min',
  '1 s',
  ' 1s',
  '1s ',
  '+-1s',
  '1,5s',
  '1S',
  '00',
  '9223372036854775808ns',
  '3000000h',
]) {
  test(`'${text}' is no duration, as in Go`, (t) => {
    t.is(parseGoDuration(text), undefined);
  });
}

const durations: readonly (readonly [number, string])[] = [
  [0, '0s'],
  [1, '1ms'],
  [500, '500ms'],
  [1515, '1.515s'],
  [60_000, '1m0s'],
  [61_500, '1m1.5s'],
  [90_061_001, '25h1m1.001s'],
  [3_600_000, '1h0m0s'],
  [0.0015, '1.5\u00b5s'],
  [0.000001, '1ns'],
  [1.5, '1.5ms'],
  [-90_000, '-1m30s'],
];

for (const [milliseconds, text] of durations) {
  test(`${milliseconds} ms are written '${text}'`, (t) => {
    t.is(formatGoDuration(milliseconds), text);
  });
}

test('every whole number of milliseconds survives being written and read', (t) => {
  const survives = property(
    integer({ min: -8e9, max: 8e9 }),
    (milliseconds) => parseGoDuration(formatGoDuration(milliseconds)) === milliseconds,
  );
  t.notThrows(() => assert(survives));
});

const floats: readonly (readonly [number, string])[] = [
  [99, '99'],
  [99.5, '99.5'],
  [0.1, '0.1'],
  [0.0001, '0.0001'],
  [0.00001, '1e-05'],
  [0.000012, '1.2e-05'],
  [100_000, '100000'],
  [999_999.5, '999999.5'],
  [1_000_000, '1e+06'],
  [123_456_789, '1.23456789e+08'],
  [1e21, '1e+21'],
  [1.5e-300, '1.5e-300'],
  [-1_000_000, '-1e+06'],
  [0, '0'],
  [-0, '-0'],
  [Number.POSITIVE_INFINITY, '+Inf'],
  [Number.NEGATIVE_INFINITY, '-Inf'],
  [Number.NaN, 'NaN'],
];

for (const [value, text] of floats) {
  test(`the number ${value} is written '${text}'`, (t) => {
    t.is(formatGoFloat(value), text);
  });
}

/** As Go writes them. */
const fixed: readonly (readonly [number, number, string])[] = [
  [98.125, 2, '98.12'],
  [99.375, 2, '99.38'],
  [99.625, 2, '99.62'],
  [99.875, 2, '99.88'],
  [-0.125, 2, '-0.12'],
  [2.675, 2, '2.67'],
  [1.005, 2, '1.00'],
  [99.995, 2, '100.00'],
  [99.999_999, 2, '100.00'],
  [0, 2, '0.00'],
  [0.5, 0, '0'],
  [1.5, 0, '2'],
  [2.5, 0, '2'],
  [9.5, 0, '10'],
  [0.25, 1, '0.2'],
  [12_345.678, 6, '12345.678000'],
];

for (const [value, digits, text] of fixed) {
  test(`the number ${value} is written '${text}' with ${digits} digits`, (t) => {
    t.is(formatGoFixed(value, digits), text);
  });
}

/** As Go writes them. */
const exponential: readonly (readonly [number, number, string])[] = [
  [2.5, 0, '2e+00'],
  [3.5, 0, '4e+00'],
  [9.5, 0, '1e+01'],
  [-2.5, 0, '-2e+00'],
  [1.25, 1, '1.2e+00'],
  [1.35, 1, '1.4e+00'],
  [8.25e10, 1, '8.2e+10'],
  [12_345, 3, '1.234e+04'],
  [0.031_25, 2, '3.12e-02'],
  [1e23, 2, '1.00e+23'],
  [0, 1, '0.0e+00'],
  [0.1, 30, '1.000000000000000055511151231258e-01'],
];

for (const [value, digits, text] of exponential) {
  test(`the number ${value} is written '${text}' with ${digits} digits and an exponent`, (t) => {
    t.is(formatGoExponential(value, digits), text);
  });
}
