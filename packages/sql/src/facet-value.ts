import type { Compute, Facet } from '@spanloom/query';
import { p } from './param.ts';
import { spanFlagBits, spanKindNumbers } from './span-tables.ts';
import { type Sql, sql } from './sql.ts';
import { textColumn } from './text-column.ts';

/** A facet's value of a row as text; '' where the row has none. */
export function facetText({ target }: Facet): Sql {
  switch (target.kind) {
    case 'text':
      return sql`toString(${textColumn(target.field)})`;
    case 'attribute': {
      const key = p.string(target.key);
      return sql`if(mapContains(a, ${key}), a[${key}], if(mapContains(n, ${key}), toString(n[${key}]), ''))`;
    }
    case 'duration':
      return sql`toString(dur)`;
    case 'start':
      return sql`toString(toUnixTimestamp64Nano(ts))`;
    case 'http-status':
      return sql`if(http_status = 0, '', toString(http_status))`;
    case 'status':
      return sql`if(err != 0, 'error', 'ok')`;
    case 'span-kind':
      return sql`transform(kind, ${kindNumbers()}, ${kindNames()}, '')`;
    case 'source':
      return sql`toString(source)`;
    case 'flag':
      return sql`if(${flag(target.flag)}, 'true', 'false')`;
    case 'trace-id':
      return sql`concat(leftPad(lower(hex(trace_hi)), 16, '0'), leftPad(lower(hex(trace_lo)), 16, '0'))`;
    case 'span-id':
      return target.field === 'spanId'
        ? sql`leftPad(lower(hex(span_id)), 16, '0')`
        : sql`if(parent_id = 0, '', leftPad(lower(hex(parent_id)), 16, '0'))`;
  }
}

/** A facet's value of a row as a number; NULL where the row has none, or one that is no finite number. */
export function facetNumber(facet: Facet): Sql {
  const { target } = facet;
  switch (target.kind) {
    case 'duration':
      return sql`toNullable(toFloat64(dur))`;
    case 'start':
      return sql`toNullable(toFloat64(toUnixTimestamp64Nano(ts)))`;
    case 'http-status':
      return sql`nullIf(toFloat64(http_status), 0)`;
    case 'attribute': {
      const key = p.string(target.key);
      const text = sql`toFloat64OrNull(a[${key}])`;
      return sql`if(mapContains(n, ${key}), toNullable(n[${key}]), if(isFinite(${text}), ${text}, NULL))`;
    }
    default: {
      const text = sql`toFloat64OrNull(${facetText(facet)})`;
      return sql`if(isFinite(${text}), ${text}, NULL)`;
    }
  }
}

/** How percentiles are found: from every value, or from a sketch of fixed size that is right within 0.5 % of the value. */
export type Precision = 'exact' | 'sketched';

/** What `Compute` means, over rows of a span table. NULL, or not a number, where there is nothing to compute from. */
export function computeValue(compute: Compute, precision: Precision): Sql {
  switch (compute.kind) {
    case 'count':
      return compute.facet === undefined
        ? sql`toFloat64(count())`
        : sql`toFloat64(countIf(${facetText(compute.facet)} != ''))`;
    case 'cardinality': {
      const text = facetText(compute.facet);
      return precision === 'exact'
        ? sql`toFloat64(uniqExactIf(${text}, ${text} != ''))`
        : sql`toFloat64(uniqCombined64If(${text}, ${text} != ''))`;
    }
    case 'sum':
      return sql`sum(${facetNumber(compute.facet)})`;
    case 'avg':
      return sql`avg(${facetNumber(compute.facet)})`;
    case 'min':
      return sql`min(${facetNumber(compute.facet)})`;
    case 'max':
      return sql`max(${facetNumber(compute.facet)})`;
    case 'percentile': {
      const level = levelText(compute.level);
      const number = facetNumber(compute.facet);
      return precision === 'exact'
        ? sql`quantileExactLow(${level})(${number})`
        : sql`quantileDD(0.005, ${level})(${number})`;
    }
  }
}

/** Levels the engine wants as literals: the known ones, so that no text from outside becomes SQL. */
function levelText(level: number): Sql {
  const known = LEVELS.get(level);
  if (known === undefined) throw new RangeError(`Cannot compute percentile ${level * 100}`);
  return known;
}

const LEVELS: ReadonlyMap<number, Sql> = new Map([
  [0.5, sql`0.5`],
  [0.75, sql`0.75`],
  [0.9, sql`0.9`],
  [0.95, sql`0.95`],
  [0.98, sql`0.98`],
  [0.99, sql`0.99`],
  [0.999, sql`0.999`],
]);

/** The percentiles that can be computed. */
export const percentileLevels: readonly number[] = [...LEVELS.keys()];

function kindNumbers(): Sql {
  return sql`${p.uint64s(Object.values(spanKindNumbers).map(BigInt))}`;
}

function kindNames(): Sql {
  return sql`${p.strings(Object.keys(spanKindNumbers))}`;
}

function flag(name: 'error' | 'root' | 'entry' | 'cold'): Sql {
  switch (name) {
    case 'error':
      return sql`err != 0`;
    case 'root':
      return sql`parent_id = 0`;
    case 'entry':
      return sql`bitAnd(flags, ${p.uint8(spanFlagBits.entry)}) != 0`;
    case 'cold':
      return sql`cold != 0`;
  }
}
