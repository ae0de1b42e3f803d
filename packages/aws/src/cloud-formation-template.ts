import { type PolicyOptions, type PolicyStatement, policyDocument } from './policy-document.ts';

/** What the template sets up. Values given here become the defaults of its parameters. */
export interface TemplateOptions extends Omit<PolicyOptions, 'partition' | 'account'> {
  /** Who may assume the role: the ARN that the server runs as. */
  readonly principalArn?: string;
  readonly externalId?: string;
  readonly roleName?: string;
}

/**
 * A CloudFormation template, as YAML, with the role that the crawler assumes. It creates nothing else, and nothing that calls back:
 * a stack must not wait for a server that AWS cannot reach.
 */
export function cloudFormationTemplate(options: TemplateOptions): string {
  const { Statement: statements } = policyDocument({
    ...options,
    partition: '${AWS::Partition}',
    account: '${AWS::AccountId}',
  });
  return `AWSTemplateFormatVersion: "2010-09-09"
Description: Lets Spanloom read AWS X-Ray in this account. Creates one IAM role.
Parameters:
  SpanloomPrincipalArn:
    Type: String
    Description: The principal Spanloom runs as, which may assume the role
    AllowedPattern: ^arn:[a-z-]+:(iam|sts)::[0-9]{12}:.+$${defaultLine(options.principalArn)}
  ExternalId:
    Type: String
    NoEcho: true
    Description: What Spanloom has to show when it assumes the role
    MinLength: 32
    MaxLength: 1224
    AllowedPattern: ^[A-Za-z0-9_+=,.@:/-]+$${defaultLine(options.externalId)}
  RoleName:
    Type: String
    Description: The name of the role
    AllowedPattern: ^[A-Za-z0-9_+=,.@-]{1,64}$${defaultLine(options.roleName ?? 'SpanloomIntegration')}
  PermissionsBoundaryArn:
    Type: String
    Description: A permissions boundary for the role, if your organisation asks for one
    Default: ""
  IamPath:
    Type: String
    Description: The IAM path of the role
    AllowedPattern: ^/([A-Za-z0-9_+=,.@-]+/)*$
    Default: /
Conditions:
  HasPermissionsBoundary: !Not [!Equals [!Ref PermissionsBoundaryArn, ""]]
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: !Ref RoleName
      Path: !Ref IamPath
      Description: Lets Spanloom read AWS X-Ray
      MaxSessionDuration: 3600
      PermissionsBoundary: !If [HasPermissionsBoundary, !Ref PermissionsBoundaryArn, !Ref "AWS::NoValue"]
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal:
              AWS: !Ref SpanloomPrincipalArn
            Action: sts:AssumeRole
            Condition:
              StringEquals:
                sts:ExternalId: !Ref ExternalId
      Policies:
        - PolicyName: SpanloomXRay
          PolicyDocument:
            Version: "2012-10-17"
            Statement:
${statements.map(statementYaml).join('\n')}
Outputs:
  RoleArn:
    Description: Goes into Spanloom's configuration as role_arn
    Value: !GetAtt Role.Arn
`;
}

/** The end of a parameter: nothing where the person who creates the stack must say. */
function defaultLine(value: string | undefined): string {
  return value === undefined ? '' : `\n    Default: ${JSON.stringify(value)}`;
}

function statementYaml(statement: PolicyStatement): string {
  return [
    `              - Sid: ${statement.Sid}`,
    `                Effect: ${statement.Effect}`,
    `                Action:${valuesYaml(statement.Action)}`,
    `                Resource:${valuesYaml(statement.Resource)}`,
  ].join('\n');
}

function valuesYaml(values: string | readonly string[]): string {
  if (typeof values === 'string') return ` ${valueYaml(values)}`;
  return values.map((value) => `\n                  - ${valueYaml(value)}`).join('');
}

function valueYaml(value: string): string {
  if (value.includes('${')) return `!Sub ${JSON.stringify(value)}`;
  // A bare star would be read as a YAML alias.
  return value.includes('*') ? JSON.stringify(value) : value;
}
