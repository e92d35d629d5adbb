import test from 'ava';
import { samplesOf, sumBy } from '../../bench/measure/exposition.ts';

const text = `# HELP requests_total Requests.
# TYPE requests_total counter
requests_total{verb="get",resource="a \\"b\\", c",code="200"} 3
requests_total{verb="watch",resource="a",code="200"} 1e+02
requests_total_more{verb="get"} 9
plain_total 4.5
`;

test('samples of one metric, with their labels', (t) => {
  t.deepEqual(samplesOf(text, 'requests_total'), [
    { labels: { verb: 'get', resource: 'a \\"b\\", c', code: '200' }, value: 3 },
    { labels: { verb: 'watch', resource: 'a', code: '200' }, value: 100 },
  ]);
  t.deepEqual(samplesOf(text, 'plain_total'), [{ labels: {}, value: 4.5 }]);
  t.deepEqual(samplesOf(text, 'missing_total'), []);
});

test('sums by a name of the labels leave out what has none', (t) => {
  const samples = samplesOf(text, 'requests_total');
  t.deepEqual(
    sumBy(samples, ({ verb }) => (verb === 'watch' ? undefined : verb)),
    { get: 3 },
  );
  t.deepEqual(
    sumBy(samples, () => 'all'),
    { all: 103 },
  );
});
