import { crash } from './crash.ts';
import { Stage, type Scene, type SceneDocument, type SceneOptions } from './scene-clock.ts';

/** An asynchronous invocation: the service answers with 202, then tries as often as it must. */
export function lambdaAsync(
  options: SceneOptions & {
    readonly functionName?: string;
    /** How the attempts end. Default: the first fails, the second works. */
    readonly attempts?: readonly ('ok' | 'failed')[];
  },
): Scene {
  const stage = new Stage(options);
  const name = options.functionName ?? 'mailer';
  const arn = stage.arn('lambda', `function:${name}`);
  const attempts = options.attempts ?? ['failed', 'ok'];
  // Lambda waits one minute before the second attempt and two before the third.
  const beginnings = [95, 60_800, 181_500];
  const attemptParts = attempts.map((outcome, index) => {
    const from = beginnings[index]!;
    return {
      id: stage.id(`${name} attempt ${index + 1}`),
      name: `Attempt #${index + 1}`,
      ...stage.span(from, from + 625),
      ...(outcome === 'failed' ? { fault: true } : {}),
      http: { response: { status: 200 } },
    };
  });
  return {
    traceId: stage.traceId,
    documents: [
      {
        id: stage.id(`${name} service`),
        trace_id: stage.traceId,
        ...stage.parent,
        name,
        ...stage.span(0, 31),
        origin: 'AWS::Lambda',
        resource_arn: arn,
        http: { response: { status: 202 } },
        aws: { request_id: stage.requestId(`${name} invocation`) },
        subsegments: [
          { id: stage.id(`${name} dwell`), name: 'Dwell Time', ...stage.span(40, 95) },
          ...attemptParts,
        ],
      },
      ...attempts.map((outcome, index): SceneDocument => {
        const from = beginnings[index]! + 8;
        const parts = (part: string): string => stage.id(`${name} ${part} ${index + 1}`);
        return {
          id: parts('function'),
          trace_id: stage.traceId,
          parent_id: attemptParts[index]!.id,
          name,
          ...stage.span(from, from + 610),
          origin: 'AWS::Lambda::Function',
          aws: { function_arn: arn, account_id: stage.account, resource_names: [name] },
          ...(outcome === 'failed' ? { fault: true, cause: crash(stage, `${name} ${index}`) } : {}),
          subsegments: [
            { id: parts('invocation'), name: 'Invocation', ...stage.span(from + 1, from + 600) },
            { id: parts('overhead'), name: 'Overhead', ...stage.span(from + 600, from + 609) },
          ],
        };
      }),
    ],
  };
}
