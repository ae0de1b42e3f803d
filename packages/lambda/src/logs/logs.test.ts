import { format } from 'node:util';
import { Writable } from 'node:stream';
import { createRequire } from 'node:module';
import { apiGatewayV1Event } from '@spanloom/local-lambda/events';
import { describe, expect, test } from 'vitest';
import { keepLog, lambdaContext, withEnvironment } from '../testing/fake-lambda.ts';
import { hookModule } from '../load/hook-module.ts';
import { datadog } from '../wrap.ts';

const printed: string[] = [];
for (const method of ['log', 'info', 'debug', 'error', 'warn', 'trace'] as const) {
  console[method] = (...args: unknown[]) => void printed.push(format(...args));
}

const event = apiGatewayV1Event({
  headers: {
    'x-datadog-trace-id': '111',
    'x-datadog-parent-id': '222',
    'x-datadog-tags': '_dd.p.tid=66aa001100000000',
  },
});
const ids = /^\[dd\.trace_id=111 dd\.span_id=\d+\]/;

async function within(body: () => void): Promise<string[]> {
  keepLog();
  printed.length = 0;
  await datadog(async (_event: unknown, _context: unknown) => body())(event, lambdaContext());
  return [...printed];
}

describe('console', () => {
  test('lines begin with the ids; formats work, errors and lists look as ever (D15)', async () => {
    const lines = await within(() => {
      console.log('text %s', 'x');
      console.info();
      console.warn([1, 2]);
      console.error(new TypeError('no'));
      console.debug({ a: 1 }, { b: 2 });
    });
    for (const line of lines) expect(line).toMatch(ids);
    const rest = lines.map((line) => line.replace(ids, ''));
    expect(rest.slice(0, 3)).toEqual([' text x', '', ' [ 1, 2 ]']);
    expect(rest[3]).toMatch(/^ TypeError: no\n +at /);
    expect(rest[4]).toBe(' { a: 1 } { b: 2 }');
  });

  test('a single plain object gets a field, beside what it has', async () => {
    const own = { a: 1, dd: { mine: true } };
    const lines = await within(() => {
      console.log(own);
      console.log(Object.assign(Object.create(null), { b: 2 }));
    });
    expect(lines[0]).toMatch(
      /a: 1,\s+dd: \{\s*mine: true,\s*trace_id: '111',\s*span_id: '\d+'\s*\}/,
    );
    expect(lines[1]).toMatch(/b: 2, dd: \{ trace_id: '111'|b: 2,\s+dd: \{/);
    expect(own).toEqual({ a: 1, dd: { mine: true } });
  });

  test('outside an invocation, and where it is not wanted, lines stay as they are', async () => {
    await within(() => {});
    printed.length = 0;
    console.log('after');
    expect(printed).toEqual(['after']);
    withEnvironment({ DD_LOGS_INJECTION: 'false' });
    expect(await within(() => console.log('plain'))).toEqual(['plain']);
  });

  test('under JSON logs only objects are changed', async () => {
    withEnvironment({ AWS_LAMBDA_LOG_FORMAT: 'JSON' });
    const lines = await within(() => {
      console.log('plain');
      console.log({ a: 1 });
    });
    expect(lines[0]).toBe('plain');
    expect(lines[1]).toContain("trace_id: '111'");
  });
});

function sink(): { lines: string[]; stream: Writable } {
  const lines: string[] = [];
  const stream = new Writable({ write: (chunk, _, done) => (lines.push(String(chunk)), done()) });
  return { lines, stream };
}

describe('loggers', () => {
  const load = createRequire(import.meta.url);
  const wide = '66aa001100000000000000000000006f';
  const hooked = (name: string): unknown => {
    const exports: unknown = load(name);
    return hookModule(name, exports) ?? exports;
  };

  test.each(['pino', 'winston', 'bunyan'])(
    '%s adds the ids as a field, and keeps one that is there',
    async (name) => {
      const { lines, stream } = sink();
      let info: (fields: object, message: string) => void;
      if (name === 'pino') {
        const logger = (hooked('pino') as typeof import('pino').pino)(
          { mixin: () => ({ mixed: 1 }) },
          stream,
        );
        info = (fields, message) => logger.child({ child: 1 }).info(fields, message);
      } else if (name === 'winston') {
        const winston = hooked('winston') as typeof import('winston');
        const logger = winston.createLogger({
          format: winston.format.json(),
          transports: [new winston.transports.Stream({ stream })],
        });
        info = (fields, message) => logger.info(message, fields);
      } else {
        interface Bunyan {
          createLogger(options: object): { info(fields: object, message: string): void };
        }
        const logger = (hooked('bunyan') as Bunyan).createLogger({ name: 'n', stream });
        info = (fields, message) => logger.info(fields, message);
      }
      info({ a: 1 }, 'outside');
      await within(() => {
        info({ a: 1 }, 'inside');
        info({ dd: 'own' }, 'own');
      });
      const [outside, inside, own] = lines.map(
        (line) => JSON.parse(line) as Record<string, unknown>,
      );
      expect(outside).not.toHaveProperty('dd');
      expect(inside?.['dd']).toEqual({
        trace_id: wide,
        span_id: expect.stringMatching(/^\d+$/) as string,
        service: 'Orders',
      });
      expect(inside?.['a']).toBe(1);
      expect(own?.['dd']).toBe('own');
      if (name === 'pino') expect(inside).toMatchObject({ mixed: 1, child: 1 });
    },
  );
});
