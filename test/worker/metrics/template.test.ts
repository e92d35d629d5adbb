import test from 'ava';
import { renderTemplate, TemplateError } from '../../../worker/metrics/template.ts';
import { errors, texts, variables } from './template.rows.ts';

const render = (source: string): string => renderTemplate(source, variables);

for (const [title, rows] of Object.entries(texts)) {
  test(`${title} render as in the reference`, (t) => {
    for (const [source, expected] of Object.entries(rows)) t.is(render(source), expected, source);
  });
}

for (const [title, rows] of Object.entries(errors)) {
  test(`${title} is told with its place, in the words of the reference`, (t) => {
    for (const [source, message] of Object.entries(rows)) {
      t.throws(() => render(source), { instanceOf: TemplateError, message }, source);
    }
  });
}

test('nested templates are refused by their name', (t) => {
  for (const action of ['define "x"', 'template "x"', 'block "x" .']) {
    t.throws(() => render(`{{ ${action} }}`), { instanceOf: TemplateError, message: /not supported/ }, action);
  }
});

test('a template does not count for ever', (t) => {
  t.throws(() => render('{{ range 1000000000 }}x{{ end }}'), { message: /expected at most 10000/ });
});

const greedy: Record<string, [source: string, message: RegExp]> = {
  'by ranges within ranges': ['{{ range 1000 }}{{ range 1000 }}{{ end }}{{ end }}', /at most 100000 turns/],
  'by a long expression in a range': [
    `{{ range 5000 }}{{ if ${'(not '.repeat(50)}1${')'.repeat(50)} }}{{ end }}{{ end }}`,
    /at most 100000 turns/,
  ],
  'by a text that doubles': [
    '{{ $x := "12345678" }}{{ range 18 }}{{ $x = print $x $x }}{{ end }}{{ $x }}',
    /at most 100000 turns/,
  ],
  'by a long text that is looked through again and again': [
    '{{ $x := "1234567890" }}{{ range 10 }}{{ $x = print $x $x }}{{ end }}{{ range 1000 }}{{ if eq $x "" }}{{ end }}{{ end }}',
    /at most 100000 turns/,
  ],
  'by the width of a number': ['{{ printf "%2000000d" 1 }}', /printf: expected a width of at most 1000$/],
  'by the zeros of a number': ['{{ printf "%.2000000d" 1 }}', /printf: expected a width of at most 1000$/],
  'by its length': [' '.repeat(10_001), /expected at most 10000 characters, got 10001$/],
  'by parentheses in each other': [`{{ ${'('.repeat(4_000)}1${')'.repeat(4_000)} }}`, /at most 100 parentheses/],
};
for (const [how, [source, message]] of Object.entries(greedy)) {
  test(`a template takes no worker to itself ${how}`, (t) => {
    t.throws(() => render(source), { instanceOf: TemplateError, message });
  });
}

test('what is less than that is rendered', (t) => {
  t.is(render('{{ range 10000 }}x{{ end }}'), 'x'.repeat(10_000));
  t.is(render('{{ printf "%1000d" 1 }}').length, 1_000);
  t.is(render('x'.repeat(10_000)).length, 10_000);
});

test('a variable that is named like a property of every object is missing like any other', (t) => {
  t.throws(() => render('{{ variables.constructor }}'), { message: /map has no entry for key "constructor"/ });
  t.throws(() => render('{{ toString }}'), { message: /function "toString" not defined/ });
});
