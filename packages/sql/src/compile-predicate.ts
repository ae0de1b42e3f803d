import { type IpNetwork, type NumberBound, piecesText, type Predicate } from '@spanloom/query';
import { hasAttributeItem, hasNumberItem } from './attribute-item.ts';
import { likePattern, matchesEmpty } from './like-pattern.ts';
import { p } from './param.ts';
import { type IntegerColumn, type PatternTest, type Plan, planPredicate } from './plan.ts';
import type { SpanTier } from './span-tables.ts';
import { joinSql, type Param, type Sql, sql } from './sql.ts';
import { textColumn } from './text-column.ts';

/**
 * Compiles the meaning of a query to a condition for `WHERE` over a span table.
 *
 * The condition is 0 or 1 for every row and never NULL, so that negation gives the complement.
 */
export function compilePredicate(predicate: Predicate, tier: SpanTier): Sql {
  return render(planPredicate(predicate), tier);
}

const AND = sql` AND `;
const OR = sql` OR `;
const COMMA = sql`, `;

function render(plan: Plan, tier: SpanTier): Sql {
  switch (plan.kind) {
    case 'constant':
      return plan.value ? sql`1` : sql`0`;
    case 'and':
    case 'or': {
      const operands = plan.operands.map((operand) => render(operand, tier));
      return sql`(${joinSql(operands, plan.kind === 'and' ? AND : OR)})`;
    }
    case 'not':
      return renderNot(plan.operand, tier);
    case 'text-in':
      return isOneOf(textColumn(plan.field), plan.values.map(p.string));
    case 'text-test':
      return renderFieldTest(textColumn(plan.field), plan.test);
    case 'integer-range':
      return renderIntegerRange(plan);
    case 'integer-in':
      return isOneOf(
        INTEGER[plan.column],
        plan.values.map((value) => integerParam(plan.column, value)),
      );
    case 'source-in':
      return isOneOf(sql`source`, plan.values.map(p.string));
    case 'non-zero':
      return plan.column === 'err' ? sql`err != 0` : sql`cold != 0`;
    case 'bit':
      return sql`bitAnd(flags, ${p.uint8(plan.bit)}) != 0`;
    case 'item':
      return hasAttributeItem(tier, plan.key, plan.value);
    case 'key':
      return plan.map === 'a'
        ? sql`mapContains(a, ${p.string(plan.key)})`
        : sql`mapContains(n, ${p.string(plan.key)})`;
    case 'attribute-test': {
      const test = renderTest(sql`a[${p.string(plan.key)}]`, plan.test);
      // Looking up an absent key gives '', so a test that '' passes must ask for the key as well.
      return emptyPasses(plan.test)
        ? sql`(mapContains(a, ${p.string(plan.key)}) AND ${test})`
        : test;
    }
    case 'digits-test': {
      const test = renderTest(sql`toString(n[${p.string(plan.key)}])`, plan.test);
      return sql`(mapContains(n, ${p.string(plan.key)}) AND ${test})`;
    }
    case 'number-equals':
      return hasNumberItem(plan.key, plan.value);
    case 'number-range':
      return renderNumberRange(plan);
    case 'text-contains':
      return sql`lowerUTF8(${textColumn(plan.field)}) LIKE ${p.string(likePattern(plan.pieces, 'part'))}`;
    case 'attribute-contains':
      return sql`lowerUTF8(a[${p.string(plan.key)}]) LIKE ${p.string(likePattern(plan.pieces, 'part'))}`;
    case 'any-attribute-contains':
      return sql`arrayExists(v -> lowerUTF8(v) LIKE ${p.string(likePattern(plan.pieces, 'part'))}, mapValues(a))`;
    case 'any-number-equals':
      return sql`has(mapValues(n), ${p.float64(plan.value)})`;
  }
}

const INTEGER: Readonly<Record<IntegerColumn, Sql>> = {
  ts: sql`ts`,
  dur: sql`dur`,
  http_status: sql`http_status`,
  jk: sql`jk`,
  trace_hi: sql`trace_hi`,
  span_id: sql`span_id`,
  parent_id: sql`parent_id`,
  kind: sql`kind`,
};

/** Typed as the column is: a parameter of another type would keep the column's index from being used. */
function integerParam(column: IntegerColumn, value: bigint): Param {
  switch (column) {
    case 'ts':
      return p.nanos(value);
    case 'http_status':
      return p.uint16(Number(value));
    case 'kind':
      return p.uint8(Number(value));
    default:
      return p.uint64(value);
  }
}

function renderNot(operand: Plan, tier: SpanTier): Sql {
  // `x != ''` reads better than `NOT x = ''`, which people then look at as "the exact predicate".
  if (operand.kind === 'text-in') {
    const [only] = operand.values;
    if (only !== undefined && operand.values.length === 1) {
      return sql`${textColumn(operand.field)} != ${p.string(only)}`;
    }
  }
  const rendered = render(operand, tier);
  // These bring their own parentheses.
  return operand.kind === 'and' || operand.kind === 'or'
    ? sql`NOT ${rendered}`
    : sql`NOT (${rendered})`;
}

function isOneOf(subject: Sql, values: readonly Param[]): Sql {
  const [only] = values;
  if (only === undefined) return sql`0`;
  if (values.length === 1) return sql`${subject} = ${only}`;
  return sql`${subject} IN (${joinSql(
    values.map((value) => sql`${value}`),
    COMMA,
  )})`;
}

function renderIntegerRange(plan: Extract<Plan, { kind: 'integer-range' }>): Sql {
  const { column, min, max } = plan;
  const subject = INTEGER[column];
  if (min !== undefined && min === max) return sql`${subject} = ${integerParam(column, min)}`;
  const parts: Sql[] = [];
  if (min !== undefined) parts.push(sql`${subject} >= ${integerParam(column, min)}`);
  if (max !== undefined) parts.push(sql`${subject} <= ${integerParam(column, max)}`);
  return conjunction(parts);
}

/** A field's absent text is '', which no test of a field may find. */
function renderFieldTest(subject: Sql, test: PatternTest): Sql {
  const rendered = renderTest(subject, test);
  return emptyPasses(test) ? sql`(${subject} != '' AND ${rendered})` : rendered;
}

function renderTest(subject: Sql, test: PatternTest): Sql {
  switch (test.kind) {
    case 'like': {
      const text = test.fold ? sql`lowerUTF8(${subject})` : subject;
      const literal = piecesText(test.pieces);
      return literal === undefined
        ? sql`${text} LIKE ${p.string(likePattern(test.pieces, 'whole'))}`
        : sql`${text} = ${p.string(literal)}`;
    }
    case 'regex':
      return sql`match(${subject}, ${p.string(test.pattern)})`;
    case 'length': {
      const parts: Sql[] = [sql`lengthUTF8(${subject}) >= ${p.uint64(BigInt(test.min ?? 0))}`];
      if (test.max !== undefined) {
        parts.push(sql`lengthUTF8(${subject}) <= ${p.uint64(BigInt(test.max))}`);
      }
      return conjunction(parts);
    }
    case 'network':
      return disjunction(test.networks.map((network) => renderNetwork(subject, network)));
  }
}

/**
 * The range function throws on what is not an address, also on values that AND would skip: over LowCardinality it runs on
 * the whole dictionary, '' included. So it is given a plain String that is an address in any case.
 */
function renderNetwork(subject: Sql, { family, text }: IpNetwork): Sql {
  const network = p.string(text);
  return family === 4
    ? sql`(isIPv4String(${subject}) AND isIPAddressInRange(CAST(if(isIPv4String(${subject}), ${subject}, '0.0.0.0'), 'String'), ${network}))`
    : sql`(isIPv6String(${subject}) AND isIPAddressInRange(CAST(if(isIPv6String(${subject}), ${subject}, '::'), 'String'), ${network}))`;
}

/** Whether '' may pass the test; for patterns of others' making the answer is yes. */
function emptyPasses(test: PatternTest): boolean {
  switch (test.kind) {
    case 'like':
      return matchesEmpty(test.pieces);
    case 'regex':
      return true;
    case 'length':
      return (test.min ?? 0) === 0;
    case 'network':
      return false;
  }
}

function renderNumberRange(plan: Extract<Plan, { kind: 'number-range' }>): Sql {
  const key = p.string(plan.key);
  if (plan.map === 'n') {
    return conjunction([sql`mapContains(n, ${key})`, ...bounds(sql`n[${key}]`, plan)]);
  }
  // NULL for text that is not a number and for the '' of an absent key. The words for infinity are numbers to the
  // database and text to people.
  const number = sql`toFloat64OrNull(a[${key}])`;
  return sql`ifNull(${conjunction([sql`isFinite(${number})`, ...bounds(number, plan)])}, 0)`;
}

function bounds(
  subject: Sql,
  plan: { readonly low?: NumberBound; readonly high?: NumberBound },
): Sql[] {
  const { low, high } = plan;
  const parts: Sql[] = [];
  if (low !== undefined) {
    const value = p.float64(low.value);
    parts.push(low.inclusive ? sql`${subject} >= ${value}` : sql`${subject} > ${value}`);
  }
  if (high !== undefined) {
    const value = p.float64(high.value);
    parts.push(high.inclusive ? sql`${subject} <= ${value}` : sql`${subject} < ${value}`);
  }
  return parts;
}

function conjunction(parts: readonly Sql[]): Sql {
  const [only] = parts;
  return only !== undefined && parts.length === 1 ? only : sql`(${joinSql(parts, AND)})`;
}

function disjunction(parts: readonly Sql[]): Sql {
  const [only] = parts;
  return only !== undefined && parts.length === 1 ? only : sql`(${joinSql(parts, OR)})`;
}
