import { describe, expect, test } from 'vitest';
import { apiToLambda, hostService, lambdaInvocation } from '../scenes/index.ts';
import { compileTrace } from '../store/compile-trace.ts';
import { traceFacts, type TraceFacts } from '../store/trace-facts.ts';
import { matchFilter } from './match-filter.ts';
import { parseFilter } from './parse-filter.ts';

function factsOf({ traceId, documents }: ReturnType<typeof hostService>): TraceFacts {
  const compiled = compileTrace(traceId, [...documents]);
  return traceFacts(
    compiled.map((document) => ({ id: String(document['id']), document })),
    '111122223333',
  );
}

const at = 1_727_177_156_000;
const traces = {
  api: factsOf(apiToLambda({ at, outcome: 'failed' })),
  host: factsOf(hostService({ at, outcome: 'failed' })),
  open: factsOf(lambdaInvocation({ at, outcome: 'in-progress' })),
  throttled: factsOf(lambdaInvocation({ at, outcome: 'throttled', functionName: 'charge' })),
};
const group = (by: 'name' | 'arn', value: string) =>
  by === 'name' && value === 'faults' ? parseFilter('fault') : undefined;

/** Names of the traces that an expression finds. */
function found(expression: string): string[] {
  const tree = parseFilter(expression);
  return Object.entries(traces)
    .filter(([, facts]) => matchFilter(tree, facts, { group }))
    .map(([name]) => name);
}

describe('an expression finds', () => {
  test.each([
    ['fault', ['api', 'host']],
    ['!fault', ['open', 'throttled']],
    ['fault = false', ['open', 'throttled']],
    ['partial', ['open']],
    ['!partial AND service(id(type: "AWS::Lambda"))', ['api', 'throttled']],
    ['throttle', ['throttled']],
    ['ok', ['open']],
    ['responsetime > 0.2', ['api', 'host']],
    ['duration < 0.05', ['open', 'throttled']],
    ['http.status = 502', ['api', 'host']],
    ['http.url CONTAINS "/prod/"', ['api']],
    ['http.url BEGINSWITH "http://" OR throttle', ['host', 'throttled']],
    ['user = "u-17"', ['host']],
    ['user CONTAINS ""', ['host']],
    ['resource.arn ENDSWITH ":function:orders-api"', ['api', 'open']],
    ['service("orders-api")', ['api', 'open']],
    ['service(id(name: "charge", type: "AWS::Lambda")) { throttle }', ['throttled']],
    ['service(id(account.id: "444455556666"))', []],
    ['service() { inferred }', ['api', 'host']],
    ['edge("shop-api/prod", "orders-api")', ['api']],
    ['edge("orders-api", "orders")', ['api']],
    ['edge("orders", "orders-api")', []],
    ['annotation.env = "prod" OR annotation.env = "staging"', ['host']],
    ['annotation.basket >= 3 AND annotation.express = true', ['host']],
    ['annotation.basket = "3"', []],
    ['annotation["tenant"]', ['host']],
    ['!annotation.tenant', ['api', 'open', 'throttled']],
    ['message CONTAINS "nothing left"', ['api']],
    ['group.name = "faults"', ['api', 'host']],
    ['group.name = "no such group"', []],
    ['(fault OR throttle) AND !(service("checkout"))', ['api', 'throttled']],
    ['fault or throttle and partial', ['api', 'host']],
  ] as [string, string[]][])('%s', (expression, names) => {
    expect(found(expression)).toEqual(names);
  });
});

describe('an expression is refused', () => {
  test.each([
    ['colour = "red"', "unknown keyword 'colour'"],
    ['fault AND', "expected a keyword, found 'the end'"],
    ['http.status = "200"', "expected a number, found '200'"],
    ['http.url = 5', 'expected text in quotes, found 5'],
    ['http.url', "expected an operator, found 'the end'"],
    ['service("a", "b")', "expected ')', found ','"],
    ['service(id(colour: "red"))', "id() has no part 'colour'"],
    ['(fault', "expected ')', found 'the end'"],
    ['fault fault', "expected 'the end', found 'fault'"],
    ['fault ? 1', "unexpected '?' at position 6"],
  ])('%s', (expression, problem) => {
    expect(() => parseFilter(expression)).toThrow(`Invalid filter expression: ${problem}`);
  });
});
