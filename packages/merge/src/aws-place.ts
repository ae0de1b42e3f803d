import type { Span } from '@spanloom/model';

/** Where in AWS something runs; '' for what is not known. */
export interface AwsPlace {
  readonly account: string;
  readonly region: string;
}

const ACCOUNT_ATTRIBUTES = ['aws_account', 'account_id', 'cloud.account.id', 'xray.account'];

/**
 * Where the work of a span ran: as its ARN says, else as its tags say, else where its trace was read. The last comes last because a
 * monitoring account shows what ran in others.
 */
export function awsPlaceOf({ meta }: Span): AwsPlace {
  const [, , , region = '', account = ''] = (meta['function_arn'] ?? '').split(':');
  const accounts = [account, ...ACCOUNT_ATTRIBUTES.map((name) => meta[name])];
  return {
    // Programs have accounts of their own, of customers and the like.
    account: accounts.find((one) => one !== undefined && /^\d{12}$/.test(one)) ?? '',
    region: region || meta['region'] || meta['cloud.region'] || meta['xray.region'] || '',
  };
}
