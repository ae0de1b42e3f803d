import type { AwsClock } from './aws-clock.ts';

/** A step that an SDK client takes with each call, whatever the call is. */
export type CallStep = <Input, Output>(
  next: (input: Input) => Promise<Output>,
) => (input: Input) => Promise<Output>;

/** A step that sees answers as they came. */
export type AnswerStep = <Input, Output extends { response: unknown }>(
  next: (input: Input) => Promise<Output>,
) => (input: Input) => Promise<Output>;

/** Makes no call that `demand` throws for. */
export function guardCalls(demand: () => Promise<void>): CallStep {
  return (next) => async (input) => {
    await demand();
    return next(input);
  };
}

/** Lets `clock` learn from each answer, refusals too. */
export function timeAnswers(clock: AwsClock): AnswerStep {
  return (next) => async (input) => {
    const sentMs = Date.now();
    const output = await next(input);
    clock.answered(dateOf(output.response), sentMs, Date.now());
    return output;
  };
}

/** When an answer over HTTP was given. */
function dateOf(response: unknown): string | undefined {
  return (response as { headers?: Record<string, string> }).headers?.['date'];
}
