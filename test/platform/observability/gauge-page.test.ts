import test from 'ava';
import { createGaugePage } from '../../../platform/observability/gauge-page.ts';

test('series stand together under their name, in the text format of Prometheus', (t) => {
  const page = createGaugePage();
  const first = page.gauge({ name: 'first', help: 'One.' });
  const second = page.gauge({ name: 'second', help: 'Two.' });
  first(1, { metric: 'a "b"\\c\nd' });
  second(0.5);
  first(Infinity, { metric: 'x' });
  t.is(
    page.render(),
    [
      '# HELP first One.',
      '# TYPE first gauge',
      String.raw`first{metric="a \"b\"\\c\nd"} 1`,
      'first{metric="x"} +Inf',
      '# HELP second Two.',
      '# TYPE second gauge',
      'second 0.5',
      '',
    ].join('\n'),
  );
});
