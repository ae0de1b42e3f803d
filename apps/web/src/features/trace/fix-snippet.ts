import type { MergeVerdict, SpanJson } from '@spanloom/contract';
import { nanosTextToMillis } from '../../ui/format.ts';

/** Something to paste that mends a verdict, and where it goes. */
export interface FixSnippet {
  readonly where: string;
  readonly text: string;
}

/** Read on both sides of the invocation: X-Ray lists by when a trace began or ended. */
const BACKFILL_MARGIN_MS = 5 * 60_000;

/** What to paste to have the halves of an invocation joined next time; undefined where words have to do. */
export function fixSnippet(
  verdict: MergeVerdict,
  spanById: (id: string) => SpanJson | undefined,
): FixSnippet | undefined {
  const apm = spansOf(verdict.apm_span_ids, spanById);
  const all = [...apm, ...spansOf(verdict.xray_span_ids, spanById)];
  const place = placeOf(all);
  switch (verdict.verdict) {
    case 'integration_off':
      return {
        where: 'the configuration file',
        text: [
          'aws:',
          '  accounts:',
          `    - id: "${place.account ?? '<account>'}"`,
          `      regions: [${place.region ?? '<region>'}]`,
          ...envLine(apm),
          '      xray: { enabled: true }',
        ].join('\n'),
      };
    case 'different_env': {
      const env = envLine(apm);
      if (env.length === 0) return undefined;
      return {
        where: 'the configuration file: the env of what X-Ray leaves without one',
        text: ['aws:', '  accounts:', `    - id: "${place.account ?? '<account>'}"`, ...env].join(
          '\n',
        ),
      };
    }
    case 'different_trace_ids':
    case 'request_id_absent':
      // The halves share a request id and differ in function or account: no setting of the library mends that.
      if (verdict.evidence.some((sentence) => sentence.startsWith('Request id'))) return undefined;
      return { where: 'the function’s environment', text: 'DD_MERGE_XRAY_TRACES=true' };
    case 'xray_absent':
      return {
        where: 'a shell, where active tracing is not on yet',
        text:
          `aws lambda update-function-configuration --function-name ${verdict.function}` +
          `${place.region === undefined ? '' : ` --region ${place.region}`} --tracing-config Mode=Active`,
      };
    case 'outside_poll_window':
      return backfill(all);
    case 'merged_by_context':
    case 'merged_by_request_id':
    case 'xray_pending':
    case 'xray_not_sampled':
    case 'access_denied':
    case 'apm_absent':
      return undefined;
  }
}

function spansOf(
  ids: readonly string[],
  spanById: (id: string) => SpanJson | undefined,
): readonly SpanJson[] {
  return ids.map(spanById).filter((span) => span !== undefined);
}

function envLine(apm: readonly SpanJson[]): readonly string[] {
  const env = apm.find((span) => span.env !== '')?.env;
  return env === undefined ? [] : [`      env: ${env}`];
}

/** Account and region, from a function's ARN or from what X-Ray says. */
function placeOf(spans: readonly SpanJson[]): {
  readonly account: string | undefined;
  readonly region: string | undefined;
} {
  for (const { meta } of spans) {
    const arn = /^arn:[\w-]+:lambda:([\w-]+):(\d{12}):/.exec(meta['function_arn'] ?? '');
    if (arn !== null) return { region: arn[1], account: arn[2] };
    const region = meta['xray.region'] ?? meta['aws.region'] ?? meta['region'];
    const account = meta['xray.account'] ?? meta['aws.account'] ?? meta['account_id'];
    if (region !== undefined && account !== undefined) return { region, account };
  }
  return { account: undefined, region: undefined };
}

function backfill(spans: readonly SpanJson[]): FixSnippet | undefined {
  if (spans.length === 0) return undefined;
  const starts = spans.map((span) => nanosTextToMillis(span.start_ns));
  const ends = spans.map((span, i) => starts[i]! + span.duration_ns / 1e6);
  return {
    where: 'a shell',
    text: `spanloom xray backfill --from ${toSecond(Math.min(...starts) - BACKFILL_MARGIN_MS)} --to ${toSecond(Math.max(...ends) + BACKFILL_MARGIN_MS)}`,
  };
}

function toSecond(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}
