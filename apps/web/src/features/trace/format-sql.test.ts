import { expect, test } from 'vitest';
import { formatSql } from './format-sql.ts';

test('formatSql() puts a clause on each line', () => {
  expect(
    formatSql(
      "SELECT id, count(*) FROM stock s LEFT JOIN bin b ON b.id = s.bin WHERE sku = $1 AND note <> 'a AND b' GROUP BY id ORDER BY id LIMIT 5",
    ),
  ).toBe(
    `SELECT id, count(*)
FROM stock s
LEFT JOIN bin b
  ON b.id = s.bin
WHERE sku = $1
  AND note <> 'a AND b'
GROUP BY id
ORDER BY id
LIMIT 5`,
  );
});

test('formatSql() leaves brackets on their line', () => {
  expect(
    formatSql('select * from (select 1 from t where a in (1,2)) x where x.a >= ? or x.b is null'),
  ).toBe(
    `select *
from (select 1 from t where a in (1, 2)) x
where x.a >= ?
  or x.b is null`,
  );
});
