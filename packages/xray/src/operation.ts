import type { AwsFailure } from '@spanloom/aws';
import { SpanloomError } from '@spanloom/base';
import { fullJitterMs } from './backoff.ts';
import type { Pacer } from './pacer.ts';
import type { TokenBucket } from './token-bucket.ts';

/** Tries of a call that fails though AWS or the network may recover. Throttled calls are not counted. */
const TRIES = 4;
/** Refusals as too many, of one and the same call, after which it is worth telling. It is tried on all the same. */
const MANY_THROTTLES = 10;
const FIRST_REST_MS = 30_000;
const LAST_REST_MS = 300_000;
const OTHER_REST_MS = 60_000;

/** A call to AWS that did not succeed. */
export class CallFailedError extends SpanloomError {
  override readonly name = 'CallFailedError';
  readonly code = 'AWS_CALL_FAILED';
  readonly operation: string;
  readonly failure: AwsFailure;

  constructor(operation: string, failure: AwsFailure, options?: ErrorOptions) {
    super(`Cannot call ${operation}: ${failure.name}: ${failure.message}`, options);
    this.operation = operation;
    this.failure = failure;
  }
}

/** What an operation tells of itself. */
export interface OperationObserver {
  called(operation: string): void;
  throttled(operation: string): void;
  failed(operation: string, failure: AwsFailure): void;
  /** The problem that keeps the operation from working; undefined when it works again. */
  problem(operation: string, failure: AwsFailure | undefined): void;
}

/** What an operation is made of. */
export interface OperationOptions {
  readonly name: string;
  readonly bucket: TokenBucket;
  readonly pacer: Pacer;
  readonly deniedPauseMs: number;
  /** Refusals as too many, of one and the same call, after which it is given up and rests. Without it a call is tried on. */
  readonly maxThrottles?: number;
  readonly classify: (error: unknown, operation: string) => AwsFailure;
  /** Makes the next call use a new session. */
  readonly renew: () => void;
  readonly observer: OperationObserver;
}

/**
 * One call of AWS in one region: keeps its pace, tries again what may succeed, and rests when trying is useless. While it rests
 * every call fails at once with the reason, so that a region that cannot be reached costs nothing and disturbs no other.
 */
export class Operation {
  readonly name: string;
  readonly #options: OperationOptions;
  #restsUntil = Number.NEGATIVE_INFINITY;
  #failure: AwsFailure | undefined;
  #rests = 0;

  constructor(options: OperationOptions) {
    this.name = options.name;
    this.#options = options;
  }

  /** When it may be called again; in the past when it may be now. */
  get restsUntil(): number {
    return this.#restsUntil;
  }

  /** Calls per second that throttling has left. */
  get rate(): number {
    return this.#options.bucket.rate;
  }

  /** Why it rests; undefined when it works. */
  get failure(): AwsFailure | undefined {
    return this.#failure;
  }

  /** Ends a rest, for when somebody asks to try now. */
  wake(): void {
    this.#restsUntil = Number.NEGATIVE_INFINITY;
  }

  /**
   * Makes the call as soon as its turn comes.
   *
   * @param pace Another bucket that has to agree, for calls that may not take all there is.
   * @throws {CallFailedError} When it does not succeed; a throttled call, only where its tries are bounded. An invalid request says
   *   nothing about the next call, all else begins a rest.
   */
  async run<Result>(
    call: () => Promise<Result>,
    signal: AbortSignal,
    pace?: TokenBucket,
  ): Promise<Result> {
    const {
      name,
      bucket,
      pacer,
      observer,
      classify,
      renew,
      maxThrottles = Infinity,
    } = this.#options;
    let renewed = false;
    let failures = 0;
    let throttles = 0;
    for (let tries = 1; ; tries++) {
      if (this.#failure !== undefined && pacer.now() < this.#restsUntil) {
        throw new CallFailedError(name, this.#failure);
      }
      await pace?.take(signal);
      await bucket.take(signal);
      const sentMs = pacer.now();
      observer.called(name);
      try {
        const result = await call();
        this.#recovered();
        return result;
      } catch (error) {
        signal.throwIfAborted();
        const failure = classify(error, name);
        observer.failed(name, failure);
        if (failure.kind === 'throttled') {
          observer.throttled(name);
          bucket.throttled(sentMs);
          if (++throttles >= maxThrottles) {
            this.#rest(failure);
            throw new CallFailedError(name, failure, { cause: error });
          }
          if (throttles === MANY_THROTTLES) {
            this.#failure = failure;
            observer.problem(name, failure);
          }
        } else if (failure.kind === 'expired' && !renewed) {
          renewed = true;
          renew();
          continue;
        } else if (failure.kind === 'invalid_request') {
          throw new CallFailedError(name, failure, { cause: error });
        } else if (!failure.retryable || ++failures >= TRIES) {
          this.#rest(failure);
          throw new CallFailedError(name, failure, { cause: error });
        }
        await pacer.sleep(
          fullJitterMs(tries, () => pacer.random()),
          signal,
        );
      }
    }
  }

  #rest(failure: AwsFailure): void {
    const { pacer, deniedPauseMs, observer, name } = this.#options;
    this.#rests++;
    const restMs = failure.retryable
      ? Math.min(LAST_REST_MS, FIRST_REST_MS * 2 ** (this.#rests - 1))
      : DENIALS.has(failure.kind)
        ? deniedPauseMs
        : OTHER_REST_MS;
    this.#restsUntil = pacer.now() + restMs;
    this.#failure = failure;
    observer.problem(name, failure);
  }

  #recovered(): void {
    this.#rests = 0;
    if (this.#failure === undefined) return;
    this.#failure = undefined;
    this.#restsUntil = Number.NEGATIVE_INFINITY;
    this.#options.observer.problem(this.name, undefined);
  }
}

/** What only a person can change. */
const DENIALS: ReadonlySet<AwsFailure['kind']> = new Set([
  'denied',
  'kms',
  'region_disabled',
  'bad_credentials',
]);
