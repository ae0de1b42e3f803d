import { ConfigError } from '@spanloom/base';
import { z } from 'zod';

/** An AWS account to read, as the configuration file names it under `aws.accounts`. */
export interface AwsAccountConfig {
  readonly id: string;
  /** Empty: those regions of the account that have traces. */
  readonly regions: readonly string[];
  readonly roleArn: string | undefined;
  readonly externalId: string | undefined;
  /** The environment of what X-Ray gives no environment. */
  readonly env: string | undefined;
  readonly xray: {
    readonly enabled: boolean;
    readonly pollSeconds: number;
    /** An X-Ray filter expression: only what matches is fetched. */
    readonly filter: string | undefined;
    /** How much of the listing to ask for, 0 to 1. */
    readonly samplingRate: number | undefined;
    readonly monthlyBudgetUsd: number | undefined;
    /** Look again at the last hours now and then, for traces that were missed while X-Ray was out of reach. */
    readonly deepSweep: boolean;
  };
}

const Account = z.strictObject({
  id: z
    .union([z.string(), z.number()])
    .transform(String)
    .refine((id) => /^\d{12}$/.test(id), 'expected the 12 digits of an account, in quotes'),
  regions: z
    .array(z.string().regex(/^[a-z]{2,}(-[a-z]+)+-\d$/, 'expected a region such as eu-west-1'))
    .default([]),
  role_arn: z
    .string()
    .regex(/^arn:[a-z-]+:iam::\d{12}:role\/\S+$/, 'expected arn:aws:iam::<account>:role/<name>')
    .optional(),
  external_id: z.string().min(2).max(1224).optional(),
  env: z.string().max(200).optional(),
  xray: z
    .strictObject({
      enabled: z.boolean().default(true),
      poll_seconds: z.number().int().min(10).max(3600).default(60),
      filter: z.string().min(1).max(2000).optional(),
      sampling_rate: z.number().gt(0).max(1).optional(),
      monthly_budget_usd: z.number().positive().optional(),
      deep_sweep: z.boolean().default(false),
    })
    .prefault({}),
});

/**
 * Reads `aws.accounts`.
 * @throws {ConfigError} That names the account by its place, the field, and what would do.
 */
export function readAwsAccounts(value: unknown): readonly AwsAccountConfig[] {
  if (value === undefined) return [];
  const result = z.array(Account).safeParse(value);
  if (!result.success) {
    const issue = result.error.issues[0]!;
    const path = issue.path.map((part) => (typeof part === 'number' ? part + 1 : String(part)));
    const unknown = issue.code === 'unrecognized_keys' ? `unknown key ${issue.keys[0]}` : '';
    throw new ConfigError(
      `aws.accounts${path.length === 0 ? '' : `, account ${path.join('.')}`}: ${unknown || issue.message}`,
    );
  }
  const ids = result.data.map(({ id }) => id);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  if (twice !== undefined) {
    throw new ConfigError(
      `aws.accounts names account ${twice} twice; give it all its regions in one place`,
    );
  }
  return result.data.map(({ role_arn, external_id, xray, ...rest }) => ({
    id: rest.id,
    regions: rest.regions,
    roleArn: role_arn,
    externalId: external_id,
    env: rest.env?.toLowerCase(),
    xray: {
      enabled: xray.enabled,
      pollSeconds: xray.poll_seconds,
      filter: xray.filter,
      samplingRate: xray.sampling_rate,
      monthlyBudgetUsd: xray.monthly_budget_usd,
      deepSweep: xray.deep_sweep,
    },
  }));
}
