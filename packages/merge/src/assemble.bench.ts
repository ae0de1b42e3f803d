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
  const cold = cpuMs();
  // A server has read traces before: the compiler's work is not counted again for each of them.
  for (let i = 0; i < 20; i++) cpuMs();
  const warm = Array.from({ length: 9 }, cpuMs).toSorted((a, b) => a - b)[4]!;
  console.log(
    `${count} spans: ${warm.toFixed(1)} ms of CPU, ${((warm * 1e6) / count).toFixed(0)} ns per span; near the start of the process ${cold.toFixed(1)} ms`,
  );

  function cpuMs(): number {
    const before = process.cpuUsage();
    assembleTrace(spans, { traceId });
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  }
});
