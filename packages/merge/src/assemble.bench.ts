/**
 * How long it takes to put a merged trace together: requests through API Gateway to functions under X-Ray and a tracer at once,
 * all in one trace, as one big Step Functions execution would have them. Half of the spans are X-Ray's; every `aws.lambda` folds,
 * every trigger that a library made up is hidden.
 *
 * Wanted: 10,000 spans in under 50 ms of CPU, 100,000 in under 600 ms. Prints both. The tree is checked before anything is timed.
 */
import { bench, describe } from 'vitest';
import { assembleTrace } from './assemble-trace.ts';
import { mergedTrace } from './merged-trace.test.support.ts';

describe.each([10_001, 100_001])('a merged trace of %i spans', (count) => {
  const spans = mergedTrace(count);
  const traceId = spans[0]!.traceId;
  const trace = assembleTrace(spans, { traceId })!;
  const hidden = trace.nodes.filter(({ hiddenReason }) => hiddenReason !== undefined).length;
  const folded = trace.invocations.length;
  if (trace.nodes.length !== count || hidden !== folded * 2 || !trace.complete) {
    throw new Error(`${trace.nodes.length} spans of ${count}, ${hidden} hidden, ${folded} runs`);
  }
  bench('assembleTrace', () => {
    assembleTrace(spans, { traceId });
  });
  const cpu: number[] = [];
  for (let i = 0; i < 7; i++) {
    const before = process.cpuUsage();
    assembleTrace(spans, { traceId });
    const { user, system } = process.cpuUsage(before);
    cpu.push((user + system) / 1000);
  }
  const median = cpu.toSorted((a, b) => a - b)[3]!;
  console.log(
    `${count} spans: ${median.toFixed(1)} ms of CPU, ${((median * 1e6) / count).toFixed(0)} ns per span`,
  );
});
