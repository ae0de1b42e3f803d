import type { Span } from '@spanloom/model';
import type { TraceDraft } from './trace-draft.ts';

/** Which X-Ray origins a span that a library made up for a trigger stands for, by its name. */
const ORIGINS: ReadonlyMap<string, RegExp> = new Map([
  ['aws.apigateway', /^AWS::ApiGateway/],
  ['aws.apigateway.websocket', /^AWS::ApiGateway/],
  ['aws.httpapi', /^AWS::ApiGateway/],
  ['aws.sqs', /^AWS::SQS/],
  ['aws.sns', /^AWS::SNS/],
  ['aws.eventbridge', /^AWS::Events/],
  ['aws.kinesis', /^AWS::Kinesis/],
  ['aws.dynamodb', /^AWS::DynamoDB/],
  ['aws.s3', /^AWS::S3/],
]);

/** What X-Ray's segment of a trigger cannot know. */
const COPIED = ['http.route', 'http.status_code', 'endpoint', 'domain_name', 'dd_resource_key'];

/**
 * Hides what a library made up for the trigger of an invocation where X-Ray has the real thing: a segment of that service above
 * the function. What X-Ray itself made up does not count.
 *
 * @param below The X-Ray span to look above of.
 * @param heir Where children of a hidden one go.
 * @param chain The spans that were made up, from the nearest outwards.
 */
export function hideInferredTriggers(
  draft: TraceDraft,
  below: number,
  heir: number,
  chain: readonly number[],
): void {
  for (const trigger of chain) {
    const real = realSegmentAbove(draft, below, draft.spans[trigger]!);
    if (real === -1) continue;
    draft.hide(trigger, {
      by: real,
      heir,
      reason: 'Made up by the Lambda library from the event; X-Ray has the real segment',
    });
    const { meta } = draft.spans[trigger]!;
    const known = COPIED.filter((key) => meta[key] !== undefined);
    draft.complete(real, Object.fromEntries(known.map((key) => [key, meta[key]!])));
  }
}

function realSegmentAbove(draft: TraceDraft, position: number, trigger: Span): number {
  const origin = ORIGINS.get(trigger.name);
  if (origin === undefined) return -1;
  for (let at = position; at !== -1; at = draft.parents[at]!) {
    const { source, meta } = draft.spans[at]!;
    if (source !== 'xray') return -1;
    const isReal = meta['xray.document'] === 'segment' && origin.test(meta['xray.origin'] ?? '');
    if (isReal && isSameGateway(trigger.meta, meta)) return at;
  }
  return -1;
}

/** An API that calls a function of another API is two stages above: the ids tell which is meant. */
function isSameGateway(
  trigger: Readonly<Record<string, string>>,
  segment: Readonly<Record<string, string>>,
): boolean {
  return ['apiid', 'stage'].every(
    (key) =>
      trigger[key] === undefined || segment[key] === undefined || trigger[key] === segment[key],
  );
}
