// A handler called as Lambda would call it, without Lambda: what it writes to the log is kept, its environment is put back.
import { onTestFinished, vi } from 'vitest';
import type { LambdaContext } from '../handler-types.ts';

/** A span as the log transport prints it. */
export interface PrintedSpan {
  readonly trace_id: string;
  readonly span_id: string;
  readonly parent_id: string;
  readonly name: string;
  readonly resource: string;
  readonly service: string;
  readonly type?: string;
  readonly error: number;
  readonly start: number;
  readonly duration: number;
  readonly meta: Record<string, string>;
  readonly metrics: Record<string, number>;
}

/** What the library wrote to the log since. */
export interface Written {
  readonly lines: string[];
  spans(): PrintedSpan[];
  span(name: string): PrintedSpan;
  metrics(): { m: string; v: number; t: string[] }[];
}

/** Keeps what is written past `console`. */
export function keepLog(): Written {
  const lines: string[] = [];
  const spy = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    lines.push(
      ...String(chunk)
        .split('\n')
        .filter((line) => line !== ''),
    );
    return true;
  });
  onTestFinished(() => spy.mockRestore());
  const records = (): Record<string, unknown>[] =>
    lines
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  const spans = (): PrintedSpan[] =>
    records().flatMap((record) => ((record['traces'] as PrintedSpan[][] | undefined) ?? []).flat());
  return {
    lines,
    spans,
    span(name) {
      const found = spans().filter((span) => span.name === name);
      if (found.length !== 1) throw new Error(`expected one span ${name}, found ${found.length}`);
      return found[0]!;
    },
    metrics: () => records().filter((record) => 'm' in record) as never,
  };
}

/** Sets variables until the test ends. */
export function withEnvironment(variables: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
}

/** A context as Lambda gives it. */
export function lambdaContext(changes: Partial<LambdaContext> = {}): LambdaContext {
  return {
    awsRequestId: 'b7a0c1f2-0000-4000-8000-000000000001',
    functionName: 'Orders',
    functionVersion: '$LATEST',
    invokedFunctionArn: 'arn:aws:lambda:eu-west-1:123456789012:function:Orders',
    memoryLimitInMB: '128',
    getRemainingTimeInMillis: () => 5000,
    ...changes,
  };
}
