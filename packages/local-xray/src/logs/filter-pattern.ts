import { ServiceError } from '../errors.ts';
import { isObject } from '../json.ts';

/** Whether a message fits a pattern. */
export type MessageTest = (message: string) => boolean;

const comparison = /^\$((?:\.[\w-]+|\["[^"]+"\]|\['[^']+'\])+)\s*(=|!=)\s*(?:"([^"]*)"|(\S+))$/;

/**
 * Compiles that part of the filter pattern syntax that finding spans needs: terms, of which all must occur; `?terms`, of which one must;
 * and `{ $.field = "value" }` with `&&` and `||`, from left to right.
 *
 * @throws {ServiceError} `InvalidParameterException` for anything else.
 */
export function filterPattern(pattern: string | undefined): MessageTest {
  const text = pattern?.trim() ?? '';
  if (text === '') return () => true;
  if (text.startsWith('{')) {
    if (!text.endsWith('}')) throw invalid(text);
    return fieldPattern(text.slice(1, -1));
  }
  const terms = text.match(/\??(?:"[^"]*"|\S+)/g) ?? [];
  const any = terms.filter((one) => one.startsWith('?')).map(bareTerm);
  const all = terms.filter((one) => !one.startsWith('?')).map(bareTerm);
  return (message) =>
    all.every((one) => message.includes(one)) &&
    (any.length === 0 || any.some((one) => message.includes(one)));
}

function bareTerm(term: string): string {
  return term.replace(/^\?/, '').replace(/^"|"$/g, '');
}

function fieldPattern(text: string): MessageTest {
  const alternatives = text.split('||').map((part) => part.split('&&').map(fieldTest));
  return (message) => {
    const record: unknown = JSON.parse(message);
    return alternatives.some((tests) => tests.every((test) => test(record)));
  };
}

function fieldTest(text: string): (record: unknown) => boolean {
  const match = comparison.exec(
    text
      .trim()
      .replace(/^\((.*)\)$/, '$1')
      .trim(),
  );
  if (match === null) throw invalid(text);
  const [, path, relation, quoted, bare] = match as unknown as [
    string,
    string,
    string,
    string,
    string,
  ];
  const names = [...path.matchAll(/\.([\w-]+)|\[["']([^"']+)["']\]/g)].map(
    (one) => one[1] ?? one[2]!,
  );
  const wanted = quoted ?? bare;
  return (record) => {
    let value = record;
    for (const name of names) value = isObject(value) ? value[name] : undefined;
    // A field that is absent, or more than one value, satisfies neither relation.
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') {
      return false;
    }
    return (String(value) === wanted) === (relation === '=');
  };
}

function invalid(pattern: string): ServiceError {
  return new ServiceError('InvalidParameterException', 400, `Invalid filter pattern: ${pattern}`);
}
