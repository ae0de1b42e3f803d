import { expect, test } from 'vitest';
import { matches, parseQuery } from './parse-query.ts';
import { describeProblem } from './problem.ts';
import type { SpanView } from './span-view.ts';

const span: SpanView = {
  service: 'checkout',
  name: 'http.request',
  resource: 'GET /cart/{id}',
  type: 'web',
  env: 'prod',
  version: '1.2.3-RC1',
  kind: 'server',
  error: true,
  duration: 250_000_000,
  start: 1_767_225_600_000_000_000n,
  traceId: { hi: 0x66f2a1c48f3b0c5en, lo: 0x9a7d4b21e6c8f013n },
  spanId: 0x2b3c4d5e6f708192n,
  parentId: 0n,
  source: 'dd',
  entry: true,
  function: 'resize',
  region: 'eu-west-1',
  httpMethod: 'GET',
  httpStatus: 503,
  cold: true,
  attributes: new Map([
    ['user.id', 'u-1'],
    ['Team', 'Payments'],
    ['url', 'https://shop.example/?user=Jane'],
    ['error.message', 'Connection reset by peer'],
    ['retries', '3'],
    ['empty', ''],
    ['ip', '10.1.2.3'],
    ['ip6', '2001:db8::17'],
    ['emoji', 'a🐶b'],
    ['note', '100% of *it*'],
  ]),
  metrics: new Map([
    ['cart.value', 42.5],
    ['payload_bytes', 4096],
  ]),
};

function finds(text: string, candidate: SpanView = span): boolean {
  const result = parseQuery(text, { now: span.start });
  if (!result.ok) throw new Error(describeProblem(text, result.problem));
  return matches(result.query, candidate);
}

test.each([
  '',
  '*',
  'service:checkout',
  'service:CHECKOUT',
  'service:check*',
  'service:*OUT',
  'env:(staging OR prod)',
  'env:(staging, prod)',
  'operation_name:http.request',
  'name:http.*',
  'resource:"GET /cart/{id}"',
  'status:error',
  'kind:server',
  'kind:(client OR server)',
  'source:apm',
  'root:true',
  'entry:true',
  'function:resize',
  'functionname:Resize',
  '@version:1.2.3-RC1',
  'version:*rc1',
  '@user.id:u-1',
  'user.id:u-1',
  '@user.id:u-?',
  '@url:*user\\=Jane*',
  '@note:"100% of *it*"',
  '@note:100%\\ of\\ \\*it\\*',
  '@emoji:a?b',
  '@retries:3',
  '@retries:>2',
  '@cart.value:42.5',
  '@cart.value:[42 TO 43}',
  '@cart.value:4*',
  '@payload_bytes:4.096kb',
  '@payload_bytes:>=4kib',
  '@http.status_code:503',
  '@http.status_code:5*',
  '@http.status_code:{502 TO 503]',
  '@http.method:GET',
  'duration:>200ms',
  'duration:[250ms TO 1s]',
  'start:>now-5m',
  'trace_id:66f2a1c48f3b0c5e9a7d4b21e6c8f013',
  // Only the low half is known here, and its top bit may be missing.
  'trace_id:9a7d4b21e6c8f013',
  'trace_id:1a7d4b21e6c8f013',
  'span_id:2b3c4d5e6f708192',
  '_exists_:@cart.value',
  '@empty:*',
  '@empty:""',
  '_missing_:@nothing',
  '-@nothing:*',
  '@error.message:~"reset (by|of)"',
  '@error.message:~"(?i)^CONNECTION"',
  'LOWER(@Team):payMENTS',
  'LEN(@user.id):>2',
  'LEN(@emoji):<=3',
  'CIDR(@ip, 192.168.0.0/16, 10.0.0.0/8)',
  'CIDR(@ip6, 2001:db8::/32)',
  '@cold_start:true',
  'CONNECTION',
  '"reset by"',
  'conn*peer',
  'cart.value',
  '*:payments',
  '*:42.5',
  'service:x OR env:prod',
  'service:checkout -env:staging',
  '-(service:x env:prod)',
])('a query finds the span: %s', (text) => {
  expect(finds(text)).toBe(true);
});

test.each([
  'service:check',
  'service:"check*"',
  'resource:get*',
  'status:ok',
  'kind:client',
  'source:xray',
  'source:inferred',
  'root:false',
  '@user.id:U-1',
  '@team:Payments',
  'Team:payments',
  '@emoji:a??b',
  '@user.id:>2',
  '@retries:{3 TO 5]',
  '@http.status_code:[400 TO 499]',
  'duration:>250ms',
  'start:>now',
  'trace_id:0000000000000001 ',
  'trace_id:76f2a1c48f3b0c5e9a7d4b21e6c8f013',
  '@nothing:""',
  '@nothing:>0',
  '@nothing:<1',
  '@nothing:~".*"',
  'LEN(@nothing):<5',
  'CIDR(@user.id, 0.0.0.0/0)',
  'CIDR(@ip, ::/0)',
  '@cold_start:false',
  'payments',
  '"by reset"',
  '-service:checkout',
  'service:checkout env:staging',
  // NOT binds tighter than AND, AND tighter than OR.
  'NOT env:prod OR service:x status:error',
])('a query does not find the span: %s', (text) => {
  expect(finds(text)).toBe(false);
});

test('a trace id with its high half finds spans that know only the low one', () => {
  const narrow = { ...span, traceId: { hi: 0n, lo: 0x1a7d4b21e6c8f013n } };
  expect(finds('trace_id:66f2a1c48f3b0c5e9a7d4b21e6c8f013', narrow)).toBe(true);
});

test('source:inferred finds spans that carry the mark, wherever they came from', () => {
  const inferred = { ...span, attributes: new Map([['_inferred_span.tag_source', 'self']]) };
  expect(finds('source:inferred', inferred)).toBe(true);
  expect(finds('source:(inferred OR xray)', inferred)).toBe(true);
  expect(finds('source:xray', inferred)).toBe(false);
});
