import { fullPlace, type Place } from './place.ts';

/** What a state machine tells of one run of one state. */
export interface StepFunctionsOptions extends Place {
  readonly stateMachine?: string;
  readonly execution?: string;
  readonly state?: string;
  readonly input?: unknown;
  readonly retryCount?: number;
  readonly redriveCount?: number;
}

/** The context object (`$$`) that a state passes on when its input is the context itself. */
export function stepFunctionsContext(options: StepFunctionsOptions = {}): {
  Execution: Record<string, unknown>;
  State: Record<string, unknown>;
  StateMachine: Record<string, unknown>;
} {
  const { region, accountId, partition, epochMs } = fullPlace(options);
  const { stateMachine = 'local-machine', execution = 'run-1', state = 'Work' } = options;
  const states = `arn:${partition}:states:${region}:${accountId}`;
  const time = new Date(epochMs).toISOString();
  return {
    Execution: {
      Id: `${states}:execution:${stateMachine}:${execution}`,
      Input: options.input ?? {},
      Name: execution,
      RoleArn: `arn:${partition}:iam::${accountId}:role/local-role`,
      StartTime: time,
      RedriveCount: options.redriveCount ?? 0,
    },
    State: { Name: state, EnteredTime: time, RetryCount: options.retryCount ?? 0 },
    StateMachine: { Id: `${states}:stateMachine:${stateMachine}`, Name: stateMachine },
  };
}

/** A `lambda:invoke` state with the context merged below `Payload`, the form that deployment tools write. */
export function stepFunctionsPayloadEvent(
  options: StepFunctionsOptions = {},
): Record<string, unknown> {
  return { Payload: stepFunctionsContext(options) };
}

/** A state of a JSONata machine, or one that keeps its input and adds the context as `_datadog`. */
export function stepFunctionsCarrierEvent(
  options: StepFunctionsOptions = {},
): Record<string, unknown> {
  const input = options.input;
  const own = typeof input === 'object' && input !== null ? input : {};
  return { ...own, _datadog: { ...stepFunctionsContext(options), 'serverless-version': 'v1' } };
}
