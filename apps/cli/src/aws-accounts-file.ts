import { readFileSync } from 'node:fs';
import type { AwsAccount } from '@spanloom/aws';
import { ConfigError, errorMessage, isJsonObject } from '@spanloom/base';
import { parse } from 'yaml';

/**
 * Reads who is under `aws.accounts` in the server's configuration file. Only what reaching an account takes is looked at; the
 * server checks the rest when it starts.
 *
 * @throws {ConfigError} If the file or an account cannot be read.
 */
export function readAccountsFile(path: string): AwsAccount[] {
  let parsed: unknown;
  try {
    parsed = parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new ConfigError(`Cannot read configuration file ${path}: ${errorMessage(error)}`, {
      cause: error,
    });
  }
  const aws = isJsonObject(parsed) ? parsed['aws'] : undefined;
  const accounts = isJsonObject(aws) ? aws['accounts'] : undefined;
  if (accounts === undefined) return [];
  if (!Array.isArray(accounts)) {
    throw new ConfigError(`aws.accounts in ${path} must be a list of accounts`);
  }
  return accounts.map((account: unknown, index) =>
    readAccount(account, `account ${index + 1} of aws.accounts in ${path}`),
  );
}

function readAccount(value: unknown, where: string): AwsAccount {
  if (!isJsonObject(value)) throw new ConfigError(`Cannot read ${where}: expected keys and values`);
  const text = (key: string): string | undefined => {
    const found = value[key];
    if (found === undefined || typeof found === 'string') return found;
    throw new ConfigError(`The ${key} of ${where} must be text`);
  };
  // YAML reads digits without quotes as a number.
  const id = typeof value['id'] === 'number' ? String(value['id']) : (text('id') ?? '');
  if (!/^\d{12}$/.test(id)) {
    throw new ConfigError(
      `The id of ${where} must be 12 digits in quotes, found ${JSON.stringify(id)}`,
    );
  }
  const regions = value['regions'] ?? [];
  if (!Array.isArray(regions) || regions.some((region) => typeof region !== 'string')) {
    throw new ConfigError(`The regions of ${where} must be a list such as [eu-west-1]`);
  }
  const roleArn = text('role_arn');
  const externalId = text('external_id');
  return {
    id,
    regions: regions as string[],
    ...(roleArn === undefined ? {} : { roleArn }),
    ...(externalId === undefined ? {} : { externalId }),
  };
}
