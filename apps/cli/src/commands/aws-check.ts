import {
  type AwsAccount,
  checkXRayAccess,
  clientConfig,
  demandSupportedPartition,
  type PermissionCheck,
} from '@spanloom/aws';
import { ConfigError } from '@spanloom/base';
import { readAccountsFile } from '../aws-accounts-file.ts';
import type { Call } from '../command.ts';
import { plainText } from '../plain-text.ts';
import { textTable } from '../text-table.ts';
import { UsageError } from '../usage-error.ts';

/** One region's result. */
interface RegionChecks {
  readonly account: string;
  readonly region: string;
  readonly ok: boolean;
  readonly checks: readonly PermissionCheck[];
}

/** `spanloom aws check` */
export async function runAwsCheck(call: Call): Promise<number> {
  const accounts = readAccounts(call);
  for (const account of accounts) demandUsable(account);
  const results: RegionChecks[] = [];
  for (const account of accounts) {
    for (const region of account.regions) {
      call.output.progress(`Trying ${account.id} ${region}`);
      const options = { account: account.id, signal: call.stop };
      const checks = await checkXRayAccess(clientConfig(account, region), options);
      call.stop.throwIfAborted();
      // What is not known is no yes: a check that could not be made has not been passed.
      const ok = checks.every((check) => !check.required || check.status === 'allowed');
      const result = { account: account.id, region, ok, checks };
      results.push(result);
      if (!call.json) await printChecks(call, result);
    }
  }
  const ok = results.every((result) => result.ok);
  if (call.json) await call.output.json({ ok, regions: results });
  return ok ? 0 : 1;
}

function demandUsable(account: AwsAccount): void {
  demandSupportedPartition(account);
  if (account.regions.length > 0) return;
  throw new UsageError(`Account ${account.id} names no regions: say which to try with --region`);
}

function readAccounts(call: Call): AwsAccount[] {
  const id = call.option('account');
  const roleArn = call.option('role-arn');
  const externalId = call.option('external-id');
  const regions = call.options('region');
  const file = call.option('config') ?? (call.env['SPANLOOM_CONFIG'] || undefined);
  const found = (file === undefined ? [] : readAccountsFile(file)).filter(
    (account) => (id ?? account.id) === account.id,
  );
  const accounts = found.length === 0 && id !== undefined ? [{ id, regions }] : found;
  if (accounts.length === 0) {
    throw file === undefined
      ? new UsageError(
          'Name the accounts with --config FILE, or one with --account ID --region REGION',
        )
      : new ConfigError(`There are no accounts under aws.accounts in ${file}`);
  }
  if (roleArn !== undefined && accounts.length > 1) {
    throw new UsageError('--role-arn is of one account: say which with --account');
  }
  return accounts.map((account) => ({
    ...account,
    ...(regions.length === 0 ? {} : { regions }),
    ...(roleArn === undefined ? {} : { roleArn }),
    ...(externalId === undefined ? {} : { externalId }),
  }));
}

async function printChecks(call: Call, result: RegionChecks): Promise<void> {
  const { output } = call;
  await output.line(output.tone('strong', `${result.account} ${result.region}`));
  const rows = result.checks.map(({ action, required, purpose, status }) => [
    { text: status, tone: status === 'allowed' ? 'good' : required ? 'bad' : 'warn' } as const,
    action,
    required ? 'required' : 'optional',
    purpose,
  ]);
  for (const line of textTable(['STATUS', 'CALL', 'NEED', 'WHAT FOR'], rows, output)) {
    await output.line(line);
  }
  for (const advice of adviceOf(result.checks)) await output.line(advice);
  await output.line();
}

/** Each failure once, though it may keep several calls from being made. */
function adviceOf(checks: readonly PermissionCheck[]): string[] {
  const lines = new Set<string>();
  for (const { action, failure } of checks) {
    if (failure === undefined) continue;
    const what = failure.action ?? (failure.kind === 'denied' ? action : failure.name);
    lines.add(`\n${what}: ${plainText(failure.message)}`);
    if (failure.fix !== undefined) lines.add(`  To do: ${plainText(failure.fix)}`);
  }
  return [...lines];
}
