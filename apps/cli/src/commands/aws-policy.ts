import {
  type AwsFeature,
  cloudFormationTemplate,
  newExternalId,
  policyDocument,
  quickCreateLink,
  type TemplateOptions,
} from '@spanloom/aws';
import { choiceOption } from '../choice-option.ts';
import type { Call } from '../command.ts';
import { UsageError } from '../usage-error.ts';

/** `spanloom aws policy` */
export async function runAwsPolicy(call: Call): Promise<number> {
  const format = choiceOption(call, 'format', ['json', 'cloudformation']);
  const templateUrl = call.option('template-url');
  const wanted = readFeatures(call.options('feature'));
  if (templateUrl !== undefined) return await printLink(call, templateUrl);
  if (format === 'json') {
    const account = call.option('account');
    await call.output.json(
      policyDocument({
        ...wanted,
        partition: choiceOption(call, 'partition', ['aws', 'aws-cn']),
        ...(account === undefined ? {} : { account }),
      }),
    );
    return 0;
  }
  const externalId = call.option('external-id') ?? newExternalId();
  const principalArn = call.option('principal');
  const options: TemplateOptions = {
    ...wanted,
    externalId,
    ...(principalArn === undefined ? {} : { principalArn }),
  };
  const template = cloudFormationTemplate(options);
  if (call.json) await call.output.json({ template, external_id: externalId });
  else await call.output.line(template.trimEnd());
  if (call.option('external-id') === undefined) {
    call.output.note(
      `The external id is new; it goes into the server's configuration:\n  external_id: "${externalId}"`,
    );
  }
  return 0;
}

async function printLink(call: Call, templateUrl: string): Promise<number> {
  const externalId = call.option('external-id') ?? newExternalId();
  const principal = call.option('principal');
  const link = quickCreateLink({
    templateUrl,
    region: call.option('region') ?? 'us-east-1',
    parameters: {
      ExternalId: externalId,
      ...(principal === undefined ? {} : { SpanloomPrincipalArn: principal }),
    },
  });
  if (call.json) await call.output.json({ link, external_id: externalId });
  else await call.output.line(link);
  return 0;
}

function readFeatures(given: readonly string[]): { features: AwsFeature[]; kmsKeyArns: string[] } {
  const features: AwsFeature[] = [];
  const kmsKeyArns: string[] = [];
  for (const one of given) {
    if (one === 'xray' || one === 'transaction-search') features.push(one);
    else if (one.startsWith('kms=')) kmsKeyArns.push(one.slice('kms='.length));
    else {
      throw new UsageError(
        `--feature must be xray, transaction-search or kms=KEY-ARN, found ${JSON.stringify(one)}`,
      );
    }
  }
  // Whatever else is read, the classic calls find the traces.
  if (!features.includes('xray')) features.unshift('xray');
  return { features, kmsKeyArns };
}
