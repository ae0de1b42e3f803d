import { awsCall } from './aws-call.ts';
import { lambdaInvocation } from './lambda.ts';
import { Stage, type Scene, type SceneDocument, type SceneOptions } from './scene-clock.ts';

/** A state of a machine: a function that it runs, or a call of DynamoDB. */
export interface StateOptions {
  readonly name: string;
  readonly functionName?: string;
  readonly table?: string;
  readonly outcome?: 'ok' | 'failed';
}

const stateMs = 400;

/**
 * An execution of a state machine, one state after the other. The segment of the machine has a part for each state; functions continue the
 * trace with segments of their own, calls of other services are recorded on the side of the machine only.
 */
export function stateMachine(
  options: SceneOptions & {
    readonly machine?: string;
    readonly execution?: string;
    readonly states?: readonly StateOptions[];
  },
): Scene & { readonly executionArn: string } {
  const stage = new Stage(options);
  const machine = options.machine ?? 'OrderFlow';
  const states = options.states ?? [
    { name: 'Charge', functionName: 'charge' },
    { name: 'Record', table: 'ledger' },
  ];
  const executionArn = stage.arn('states', `execution:${machine}:${options.execution ?? 'e-1'}`);
  const functions: SceneDocument[] = [];
  const parts = states.map((state, index) => {
    const from = 100 + index * stateMs;
    const to = from + stateMs - 20;
    const failed = state.outcome === 'failed' ? { fault: true } : {};
    const callId = `${state.name} call`;
    const inner =
      state.functionName === undefined
        ? awsCall(stage, callId, 'DynamoDB', [from + 10, to - 10], {
            operation: 'PutItem',
            table_name: state.table ?? 'ledger',
            resource_names: [state.table ?? 'ledger'],
          })
        : awsCall(stage, callId, 'Lambda', [from + 10, to - 10], {
            operation: 'Invoke',
            function_name: state.functionName,
            resource_names: [state.functionName],
          });
    if (state.functionName !== undefined) {
      const { documents } = lambdaInvocation({
        ...options,
        // A function may run in several states.
        seed: `${options.seed ?? ''} ${state.name}`,
        at: options.at + from + 20,
        trace: { root: stage.traceId, parent: stage.id(callId) },
        functionName: state.functionName,
        outcome: state.outcome ?? 'ok',
        durationMs: stateMs - 120,
      });
      functions.push(...documents);
    }
    return {
      id: stage.id(state.name),
      name: state.name,
      ...stage.span(from, to),
      ...failed,
      subsegments: [{ ...inner, ...failed }],
    };
  });
  const failed = states.some((one) => one.outcome === 'failed') ? { fault: true } : {};
  const segment: SceneDocument = {
    id: stage.id(machine),
    trace_id: stage.traceId,
    ...stage.parent,
    name: machine,
    ...stage.span(0, 100 + states.length * stateMs),
    origin: 'AWS::StepFunctions::StateMachine',
    resource_arn: stage.arn('states', `stateMachine:${machine}`),
    ...failed,
    aws: { account_id: stage.account, execution_arn: executionArn },
    subsegments: parts,
  };
  return { traceId: stage.traceId, executionArn, documents: [segment, ...functions] };
}
