/** Every row of every table. The tables are also the source of docs/rules.md. */
import test from 'ava';
import { proveRow } from './prove-rows.ts';
import { tables } from './rules.ts';

for (const { about, rows } of tables) {
  for (const row of rows) {
    test(`${about}: ${row.title}`, (t) => proveRow(t, row));
  }
}
