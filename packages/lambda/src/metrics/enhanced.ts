// Metrics of the function itself. With an extension only those that it cannot know: it counts the others by itself.
import type { FunctionArn } from '../event/function-arn.ts';
import type { Settings } from '../config.ts';
import { hasExtension } from '../send/destination.ts';
import { libraryVersion } from '../version.ts';
import { submitPoint } from './submit.ts';

/** What the tags of these metrics are made from. */
export interface EnhancedSource {
  readonly settings: Settings;
  readonly fn: FunctionArn;
  readonly functionName: string;
  readonly functionVersion: string;
  readonly memorySize: string;
  readonly coldStart: boolean;
  readonly proactive: boolean;
}

const countedByExtension = new Set(['invocations', 'errors']);

/** Sends `aws.lambda.enhanced.<name>`, unless the function does not want them or the extension sends it. */
export function sendEnhanced(
  source: EnhancedSource,
  name: string,
  value = 1,
  extraTags: readonly string[] = [],
): void {
  if (!source.settings.enhancedMetrics) return;
  if (countedByExtension.has(name) && hasExtension()) return;
  submitPoint(
    {
      name: `aws.lambda.enhanced.${name}`,
      value,
      epochSeconds: Math.floor(Date.now() / 1000),
      tags: [...enhancedTags(source), ...extraTags],
    },
    source.settings,
    true,
  );
}

function enhancedTags(source: EnhancedSource): string[] {
  const { fn, functionName, coldStart, proactive } = source;
  const { qualifier } = fn;
  const latest = qualifier === '$LATEST';
  const isAlias = qualifier !== '' && !latest && !/^\d+$/.test(qualifier);
  return [
    `region:${fn.region}`,
    `account_id:${fn.account}`,
    `functionname:${functionName}`,
    ...(isAlias ? [`executedversion:${source.functionVersion}`] : []),
    `resource:${functionName}${qualifier === '' ? '' : `:${latest ? 'Latest' : qualifier}`}`,
    `memorysize:${source.memorySize}`,
    `cold_start:${coldStart}`,
    ...(proactive ? ['proactive_initialization:true'] : []),
    `datadog_lambda:v${libraryVersion}`,
    `runtime:nodejs${process.versions.node.split('.')[0]}.x`,
  ];
}
