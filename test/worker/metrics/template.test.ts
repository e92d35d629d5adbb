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

test('a variable that is named like a property of every object is missing like any other', (t) => {
  t.throws(() => render('{{ variables.constructor }}'), { message: /map has no entry for key "constructor"/ });
  t.throws(() => render('{{ toString }}'), { message: /function "toString" not defined/ });
});
