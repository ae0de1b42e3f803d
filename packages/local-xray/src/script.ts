import { accessDenied, ServiceError, throttled, type ThrottleSpelling } from './errors.ts';
import { expired, type Caller } from './wire/identities.ts';

/** Which calls a rule is about, and how many of them. */
export interface RuleScope {
  /** All operations if left out. */
  readonly operation?: string;
  readonly account?: string;
  readonly region?: string;
  /** How many such calls it hits before it is over; all if left out. */
  readonly next?: number;
}

/** Misbehaviour that was ordered. */
export interface ScriptedRule {
  /** How many calls it has hit. */
  readonly hits: number;
  /** Ends it. */
  lift(): void;
}

/** What is to happen to a call instead of, or before, its answer. */
export interface Verdict {
  readonly delayMs: number;
  readonly error: ServiceError | 'reset' | undefined;
}

/** What rules are asked with. */
export interface ScriptedCall extends Pick<Caller, 'account' | 'region' | 'principal'> {
  readonly operation: string;
  readonly hasToken: boolean;
}

interface Rule extends ScriptedRule {
  readonly scope: RuleScope;
  hits: number;
  readonly effect: Effect;
}

type Effect =
  | { readonly kind: 'error'; readonly make: (call: ScriptedCall) => ServiceError }
  | { readonly kind: 'reset' }
  | { readonly kind: 'delay'; readonly ms: number }
  | { readonly kind: 'rate'; readonly bucket: TokenBucket; readonly spelling: ThrottleSpelling }
  | { readonly kind: 'token' }
  | { readonly kind: 'empty-page' }
  | { readonly kind: 'fail-retrieval' };

/** What happens to ids that are lost. */
export type LostAs = 'unprocessed' | 'absent';

/** Makes the service misbehave: each method orders something and returns what takes it back. */
export class Script {
  readonly #now: () => number;
  readonly #expireSessions: () => void;
  #rules: Rule[] = [];
  readonly #lost = new Map<string, { as: LostAs; left: number }>();

  constructor(now: () => number, expireSessions: () => void) {
    this.#now = now;
    this.#expireSessions = expireSessions;
  }

  /** Answers that the caller is too fast. */
  throttle(scope: RuleScope & { readonly spelling?: ThrottleSpelling } = {}): ScriptedRule {
    const error = throttled(scope.spelling ?? 'ThrottledException');
    return this.#add(scope, { kind: 'error', make: () => error });
  }

  /** Lets so many calls a second pass, by the clock of the service, and throttles the others. */
  limitRate(
    scope: RuleScope & {
      readonly perSecond: number;
      readonly burst?: number;
      readonly spelling?: ThrottleSpelling;
    },
  ): ScriptedRule {
    const burst = scope.burst ?? Math.max(1, scope.perSecond);
    return this.#add(scope, {
      kind: 'rate',
      bucket: new TokenBucket(scope.perSecond, burst, this.#now()),
      spelling: scope.spelling ?? 'ThrottledException',
    });
  }

  /** Denies access as IAM does. `reason` makes it a service control policy or a permissions boundary. */
  deny(
    scope: RuleScope & { readonly reason?: 'service control policy' | 'permissions boundary' } = {},
  ): ScriptedRule {
    return this.#add(scope, {
      kind: 'error',
      make: ({ principal, operation }) => {
        const action = actionOf(operation);
        if (scope.reason === undefined) return accessDenied(principal, action);
        return new ServiceError(
          'AccessDeniedException',
          403,
          `User: ${principal} is not authorized to perform: ${action} with an explicit deny in a ${scope.reason}`,
        );
      },
    });
  }

  /** Denies reading what a customer's key has encrypted. Only `BatchGetTraces`, if no operation is given. */
  denyKey(scope: RuleScope & { readonly keyArn: string }): ScriptedRule {
    return this.#add(
      { operation: 'BatchGetTraces', ...scope },
      {
        kind: 'error',
        make: ({ principal }) =>
          new ServiceError(
            'AccessDeniedException',
            403,
            `User: ${principal} is not authorized to perform: kms:Decrypt on resource: ${scope.keyArn} because no identity-based policy allows the kms:Decrypt action`,
          ),
      },
    );
  }

  /** Fails inside: 500 if no status is given. */
  fail(scope: RuleScope & { readonly status?: 500 | 502 | 503 | 504 } = {}): ScriptedRule {
    const status = scope.status ?? 500;
    const code = status === 503 ? 'ServiceUnavailable' : 'InternalFailure';
    const error = new ServiceError(
      code,
      status,
      'We encountered an internal error. Please try again.',
    );
    return this.#add(scope, { kind: 'error', make: () => error });
  }

  /** Ends the connection without an answer. */
  reset(scope: RuleScope = {}): ScriptedRule {
    return this.#add(scope, { kind: 'reset' });
  }

  /** Answers late, by real time. */
  delay(scope: RuleScope & { readonly ms: number }): ScriptedRule {
    return this.#add(scope, { kind: 'delay', ms: scope.ms });
  }

  /** Ends all sessions of assumed roles; with `next`, also says to the next callers that their token has expired. */
  expireCredentials(scope: RuleScope = { next: 0 }): ScriptedRule {
    this.#expireSessions();
    return this.#add(scope, { kind: 'error', make: expired });
  }

  /** Takes no `NextToken` any more: those who page must begin again. */
  rejectTokens(scope: RuleScope = {}): ScriptedRule {
    return this.#add(scope, { kind: 'token' });
  }

  /** Puts a page without traces, but with a token, before the pages of a listing. */
  emptyPages(scope: Omit<RuleScope, 'operation'> = {}): ScriptedRule {
    return this.#add({ ...scope, operation: 'GetTraceSummaries' }, { kind: 'empty-page' });
  }

  /** Lets jobs of `StartTraceRetrieval` fail. */
  failRetrieval(scope: Omit<RuleScope, 'operation'> = {}): ScriptedRule {
    return this.#add({ ...scope, operation: 'StartTraceRetrieval' }, { kind: 'fail-retrieval' });
  }

  /** Does not find these traces when they are fetched, the next so many times or ever; listings still have them. */
  loseTraces(ids: readonly string[], as: LostAs, times: number = Infinity): void {
    for (const id of ids) this.#lost.set(id, { as, left: times });
  }

  /** Takes everything back. */
  clear(): void {
    for (const rule of this.#rules) rule.lift();
    this.#lost.clear();
  }

  /** What is to happen to a call. */
  judge(call: ScriptedCall): Verdict {
    let delayMs = 0;
    for (const rule of this.#matching(call)) {
      const { effect } = rule;
      if (effect.kind === 'delay') {
        this.#hit(rule);
        delayMs += effect.ms;
      } else if (effect.kind === 'reset') {
        this.#hit(rule);
        return { delayMs, error: 'reset' };
      } else if (effect.kind === 'error') {
        this.#hit(rule);
        return { delayMs, error: effect.make(call) };
      } else if (effect.kind === 'rate') {
        if (effect.bucket.take(this.#now())) continue;
        this.#hit(rule);
        return { delayMs, error: throttled(effect.spelling) };
      } else if (effect.kind === 'token' && call.hasToken) {
        this.#hit(rule);
        return { delayMs, error: invalidToken() };
      }
    }
    return { delayMs, error: undefined };
  }

  /** Whether this call is to show a peculiarity that only its operation can produce. */
  asksFor(kind: 'empty-page' | 'fail-retrieval', call: ScriptedCall): boolean {
    const rule = this.#matching(call).find((one) => one.effect.kind === kind);
    if (rule !== undefined) this.#hit(rule);
    return rule !== undefined;
  }

  /** Whether a trace cannot be fetched this time, and how that shows. */
  lost(traceId: string): LostAs | undefined {
    const entry = this.#lost.get(traceId);
    if (entry === undefined || entry.left <= 0) return undefined;
    entry.left--;
    return entry.as;
  }

  #matching({ operation, account, region }: ScriptedCall): Rule[] {
    return this.#rules.filter(
      ({ scope }) =>
        (scope.operation ?? operation) === operation &&
        (scope.account ?? account) === account &&
        (scope.region ?? region) === region,
    );
  }

  #hit(rule: Rule): void {
    rule.hits++;
    if (rule.hits >= (rule.scope.next ?? Infinity)) rule.lift();
  }

  #add(scope: RuleScope, effect: Effect): ScriptedRule {
    const rule: Rule = {
      scope,
      effect,
      hits: 0,
      lift: () => {
        this.#rules = this.#rules.filter((one) => one !== rule);
      },
    };
    if (scope.next !== 0) this.#rules.push(rule);
    return rule;
  }
}

/** The answer to a token that was never given out, is too old, or came with other fields than before. */
export function invalidToken(): ServiceError {
  return new ServiceError('InvalidRequestException', 400, 'NextToken is invalid');
}

/** The IAM action of an operation. */
function actionOf(operation: string): string {
  const service = servicesByOperation.get(operation) ?? 'xray';
  return `${service}:${operation}`;
}

const servicesByOperation: ReadonlyMap<string, string> = new Map([
  ['FilterLogEvents', 'logs'],
  ['DescribeLogGroups', 'logs'],
  ['AssumeRole', 'sts'],
  ['GetCallerIdentity', 'sts'],
]);

class TokenBucket {
  readonly #perMs: number;
  readonly #size: number;
  #tokens: number;
  #filledAt: number;

  constructor(perSecond: number, size: number, now: number) {
    this.#perMs = perSecond / 1000;
    this.#size = size;
    this.#tokens = size;
    this.#filledAt = now;
  }

  take(now: number): boolean {
    const elapsed = Math.max(0, now - this.#filledAt);
    this.#tokens = Math.min(this.#size, this.#tokens + elapsed * this.#perMs);
    this.#filledAt = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
