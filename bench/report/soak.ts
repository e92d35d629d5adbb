import type { SoakSample } from '../measure/soak-samples.ts';
import { trendOf } from '../measure/trend.ts';
import type { Tolerance, Trend } from '../measure/trend.ts';
import type { SoakResult } from '../results.ts';
import type { Picture, Section } from './section.ts';
import { fixed, renderTable } from './table.ts';
import type { Column } from './table.ts';
import type { Target } from './targets.ts';

/** Something that was looked at again and again. */
interface Course {
  readonly name: string;
  readonly of: (sample: SoakSample) => number;
  readonly tolerance: Tolerance;
  readonly digits: number;
  /** Shown beside the others, and no part of the target. */
  readonly isOnlyShown?: boolean | undefined;
}

interface Row extends Pick<Course, 'name' | 'digits' | 'isOnlyShown'> {
  readonly trend: Trend | undefined;
}

/** MiB, or a part of what there is: garbage collectors let so much come and go. */
const ofMemory: Tolerance = { share: 0.05, least: 2 };
/** What nobody makes is not there; keys of jobs come and go. */
const ofCounts: Tolerance = { share: 0.02, least: 10 };

/** Not Aviary's. What it asks of them at rest is next to nothing, and their memory swings by a third between two collections. */
const bystanders: ReadonlySet<string> = new Set(['API server', 'etcd']);

const countCourses: readonly Course[] = [
  { name: 'keys in Redis', of: ({ redisKeys }) => redisKeys, tolerance: ofCounts, digits: 0 },
  { name: 'events', of: ({ events }) => events, tolerance: ofCounts, digits: 0 },
  { name: 'objects', of: ({ objects }) => objects, tolerance: ofCounts, digits: 0 },
];

const memoryCourses = ({ samples: [first] }: SoakResult): readonly Course[] => [
  ...Object.keys(first?.memory ?? {}).map(
    (name): Course => ({
      name,
      of: ({ memory }) => memory[name] ?? Number.NaN,
      tolerance: ofMemory,
      digits: 1,
      isOnlyShown: bystanders.has(name),
    }),
  ),
  { name: 'data in Redis', of: ({ redisMiB }) => redisMiB, tolerance: ofMemory, digits: 1 },
];

const shown = (digits: number, value: number | undefined): string =>
  value === undefined ? 'none' : fixed(value, digits);

function verdictOf({ trend, isOnlyShown }: Row): string {
  if (isOnlyShown === true) return 'only shown';
  return trend?.verdict ?? 'too short';
}

const columns: readonly Column<Row>[] = [
  { head: 'memory in MiB, counts', cell: ({ name }) => name, side: 'left' },
  { head: 'first quarter', cell: ({ trend, digits }) => shown(digits, trend?.first) },
  { head: 'last quarter', cell: ({ trend, digits }) => shown(digits, trend?.last) },
  { head: 'slope an hour', cell: ({ trend, digits }) => shown(digits, trend?.perHour) },
  { head: 'verdict', cell: verdictOf, side: 'left' },
];

export function soak(result: SoakResult): Section {
  const { canaries, workers, seconds, warmUpSeconds, steps } = result;
  const rows = [...memoryCourses(result), ...countCourses].map((course) => rowOf(course, result));
  return {
    about:
      `${fixed(canaries)} settled canaries for ${fixed(seconds / 60, 1)} minutes, ${workers} workers, ${fixed(steps)} steps. ` +
      `The first ${fixed(warmUpSeconds / 60, 1)} minutes, in which caches and lists of finished jobs fill, say nothing of the ` +
      'trend. Something grows when both the line of the least squares and the median of the last quarter beside that of the ' +
      'first do, by more than 5 % and 2 MiB, or 2 % and 10 objects. The API server and etcd are shown beside what is ' +
      "Aviary's and not judged: their memory swings with their own garbage collection.",
    targets: [targetOf(rows)],
    figures: renderTable(columns, rows),
    pictures: picturesOf(result),
  };
}

function rowOf({ name, of, tolerance, digits, isOnlyShown }: Course, { samples, warmUpSeconds }: SoakResult): Row {
  const warm = samples.filter(({ at }) => at >= warmUpSeconds);
  const points = warm.map((sample): [number, number] => [sample.at, of(sample)]);
  return { name, digits, isOnlyShown, trend: trendOf(points, tolerance) };
}

function targetOf(rows: readonly Row[]): Target {
  const judged = rows.filter(({ isOnlyShown }) => isOnlyShown !== true);
  const growing = judged.filter(({ trend }) => trend?.verdict === 'growing').map(({ name }) => name);
  const isKnown = judged.every(({ trend }) => trend !== undefined);
  return {
    what: 'what grows',
    wanted: 'none',
    measured: growing.length === 0 ? 'none' : growing.join(', '),
    isMet: isKnown ? growing.length === 0 : undefined,
  };
}

const secondsPerMinute = 60;

function picturesOf(result: SoakResult): readonly Picture[] {
  const linesOf = (courses: readonly Course[]) =>
    courses.map(({ name, of }) => ({
      name,
      points: result.samples.map((one): [number, number] => [one.at / secondsPerMinute, of(one)]),
    }));
  const x = 'minutes';
  const memory = { title: 'Memory of the processes over time', x, y: 'MiB', series: linesOf(memoryCourses(result)) };
  const counts = { title: 'Objects, events and keys over time', x, y: 'count', series: linesOf(countCourses) };
  return [
    { name: 'soak-memory', plot: memory },
    { name: 'soak-counts', plot: counts },
  ];
}
