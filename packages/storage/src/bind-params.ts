import type { ParamValue, Rendered } from '@spanloom/sql';

const PLACEHOLDER = /\{(\w+):([^{}]+)\}/g;

/**
 * A statement with its parameters written into it as typed literals.
 *
 * The engine's library binds parameters itself, but keeps one process-wide queue for statements that have any: a slow
 * question would hold up every other one. Statements without parameters run side by side. What is written here is what the
 * engine makes of a bound parameter, a cast of a quoted text, so plans and index use are the same.
 */
export function bindParams(rendered: Rendered): string {
  const { sql, params } = rendered;
  return sql.replaceAll(PLACEHOLDER, (placeholder: string, name: string, type: string) => {
    const value = params[name];
    if (value === undefined) {
      throw new TypeError(`Cannot run a statement: nothing is bound to ${placeholder}`);
    }
    if (type === 'String') return quoteText(String(value));
    return `_CAST(${quoteText(literalText(value))}, ${quoteText(type)})`;
  });
}

/** A text as an SQL literal. NUL too must be escaped: it would end the statement on its way into the library. */
export function quoteText(text: string): string {
  return `'${text.replaceAll(/[\\'\0]/g, (character) => (character === '\0' ? '\\0' : `\\${character}`))}'`;
}

function literalText(value: ParamValue): string {
  return typeof value === 'object' ? `[${value.map(quoteText).join(',')}]` : String(value);
}
