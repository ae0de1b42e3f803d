import type { MergeVerdict, MergeVerdictName, TraceResponse } from '@spanloom/contract';
import type { Call } from '../command.ts';
import { countOf, formatDuration, formatTime } from '../format-values.ts';
import { plainText } from '../plain-text.ts';
import { traceTree } from '../trace-tree.ts';

/** `spanloom trace` */
export async function runTrace(call: Call): Promise<number> {
  const env = call.option('env');
  const search = env === undefined ? '' : `?env=${encodeURIComponent(env)}`;
  const trace = await call.server.get<TraceResponse>(
    `/api/traces/${encodeURIComponent(call.argument('id'))}${search}`,
  );
  if (call.json) await call.output.json(trace);
  else await printTrace(call, trace);
  return 0;
}

async function printTrace(call: Call, trace: TraceResponse): Promise<void> {
  const { output } = call;
  const title = `Trace ${trace.trace_id}`;
  const state = [
    ...(trace.error ? [output.tone('bad', 'error')] : []),
    ...(trace.complete ? [] : [output.tone('warn', 'incomplete')]),
  ];
  await output.line(
    [
      output.tone('strong', title),
      plainText(trace.env === '' ? 'no env' : trace.env),
      formatDuration(trace.duration_ns),
      ...state,
    ].join('  '),
  );
  const started = formatTime(Number(BigInt(trace.start_ns) / 1_000_000n));
  await output.line(`${started} UTC  ${trace.services.map(plainText).join(', ')}`);
  await output.line(sourcesOf(trace));
  for (const id of trace.ids.xray) await output.line(`X-Ray ${id}`);
  await output.line();
  for (const line of traceTree(trace, output, { hidden: call.flag('hidden') })) {
    await output.line(line);
  }
  if (trace.problems.length > 0) await output.line();
  for (const { message } of trace.problems) {
    await output.line(`${output.tone('warn', 'Problem:')} ${plainText(message)}`);
  }
  for (const verdict of trace.merge) await printVerdict(call, verdict);
  if (trace.xray_pending !== null) {
    const { next_poll: next, until } = trace.xray_pending;
    const when = next === null ? '' : `, read next at ${formatTime(next)} UTC`;
    await output.line(`\nMore may come from X-Ray until ${formatTime(until)} UTC${when}`);
  }
}

function sourcesOf(trace: TraceResponse): string {
  const hidden = trace.spans.filter((span) => span.hidden).length;
  const parts = Object.entries(NAMES).flatMap(([source, name]) => {
    const count = trace.sources[source as keyof typeof NAMES];
    return count > 0 ? [`${count} ${name}`] : [];
  });
  const folded = hidden === 0 ? '' : `; ${hidden} hidden, see --hidden`;
  return `${countOf(trace.spans.length, 'span')}: ${parts.join(', ')}${folded}`;
}

const NAMES = {
  datadog: 'APM',
  otlp: 'OpenTelemetry',
  xray: 'X-Ray',
  inferred: 'inferred',
  other: 'other',
} as const;

const VERDICTS: Readonly<Record<MergeVerdictName, string>> = {
  merged_by_context: 'merged by trace context',
  merged_by_request_id: 'merged by request id',
  xray_pending: 'X-Ray may still come',
  xray_not_sampled: 'not sampled by X-Ray',
  integration_off: 'X-Ray is not read',
  different_env: 'not merged, of different environments',
  different_trace_ids: 'not merged, of different traces',
  request_id_absent: 'not merged, no request id',
  outside_poll_window: 'older than what has been read of X-Ray',
  access_denied: 'X-Ray cannot be read',
  xray_absent: 'X-Ray has nothing of it',
  apm_absent: 'no tracer reported it',
};

async function printVerdict(call: Call, verdict: MergeVerdict): Promise<void> {
  const { output } = call;
  const merged = verdict.verdict.startsWith('merged_by_');
  const of = [plainText(verdict.function), verdict.request_id ?? ''].filter((text) => text !== '');
  await output.line(
    `\nInvocation ${of.join(' ')}: ${output.tone(merged ? 'good' : 'warn', VERDICTS[verdict.verdict])}`,
  );
  for (const sentence of verdict.evidence) await output.line(`  ${plainText(sentence)}`);
  for (const { what, apm_ns: apm, xray_ns: xray } of verdict.conflicts) {
    const apart = formatDuration(Math.abs(Number(BigInt(apm) - BigInt(xray))));
    await output.line(`  Its two sides state a different ${what}, ${apart} apart`);
  }
  if (verdict.fix !== null) await output.line(`  To do: ${plainText(verdict.fix)}`);
}
