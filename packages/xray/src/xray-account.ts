import type { AwsAccount } from '@spanloom/aws';

/** An account whose X-Ray traces are read, as it is configured. */
export interface XRayAccount extends AwsAccount {
  /** False: nothing is called, and its regions are shown as disabled. */
  readonly enabled: boolean;
  /** How often new and updated traces are listed. */
  readonly pollSeconds: number;
  /** X-Ray's own filter expression: only what matches is fetched. Everything is still looked at, and charged for. */
  readonly filterExpression?: string;
  /** The part of the traces to ask for, above 0 and up to 1. */
  readonly samplingRate?: number;
  /** What reading the account may cost in a calendar month. */
  readonly monthlyBudgetUsd?: number;
  /** Which sweeps run beside the hot one: late by default, deep only when asked for. */
  readonly sweeps?: { readonly late?: boolean; readonly deep?: boolean };
}
