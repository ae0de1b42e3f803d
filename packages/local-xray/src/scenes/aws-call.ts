import type { Stage } from './scene-clock.ts';

/** A call of an AWS service, as the SDKs record it. */
export function awsCall(
  stage: Stage,
  id: string,
  service: string,
  times: readonly [fromMs: number, toMs: number],
  aws: Readonly<Record<string, unknown>>,
  status: number = 200,
): Record<string, unknown> {
  return {
    id: stage.id(id),
    name: service,
    namespace: 'aws',
    ...stage.span(...times),
    http: { response: { status } },
    aws: { region: stage.region, request_id: stage.requestId(id), retries: 0, ...aws },
    ...(status >= 500
      ? { fault: true }
      : status === 429
        ? { error: true, throttle: true }
        : status >= 400
          ? { error: true }
          : {}),
  };
}
