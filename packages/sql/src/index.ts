/** SQL as typed fragments. */
export {
  identifier,
  joinSql,
  Param,
  type Params,
  type ParamValue,
  type Rendered,
  Sql,
  sql,
} from './sql.ts';
/** Typed parameters. */
export { p } from './param.ts';
/** A statement with the parser of its rows. */
export { returning, type RowParser, type SqlQuery } from './sql-query.ts';
/** Tables, views and changes of them as data. */
export type { Column, Engine, Index, SchemaStep, Table, View } from './schema.ts';
/** The schema as statements, for one engine and for a cluster. */
export { type DdlTarget, EMBEDDED, localName, renderSchema, renderStep } from './render-ddl.ts';
/** The span tables' columns, and what they encode. */
export {
  attributeIndexes,
  numberIndex,
  spanColumns,
  spanFlagBits,
  spanKindNumbers,
  type SpanTableFacts,
  spanTables,
  type SpanTier,
} from './span-tables.ts';
/** The one spelling of equality on an attribute, text and number. */
export { hasAttributeItem, hasNumberItem } from './attribute-item.ts';
/** From a checked query to a condition. */
export { compilePredicate } from './compile-predicate.ts';
/** Values of facets, and what is computed from them. */
export {
  computeValue,
  facetNumber,
  facetText,
  percentileLevels,
  type Precision,
} from './facet-value.ts';
