import { parseArgs } from 'node:util';

/** What `local-xray` was asked to do. */
export interface ServeCommand {
  readonly port: number;
  readonly host: string;
  readonly account: string;
  readonly region: string;
  /** Traces a second that it makes up; 0 for none. */
  readonly demoPerSecond: number;
  readonly pageSize: number;
  readonly transactionSearch: boolean;
}

export const usage = `Usage: local-xray [options]

  --port <port>        default 2199; 0 for any free one
  --host <address>     default 127.0.0.1
  --demo <rate>        make up so many traces a second
  --account <id>       the account of made-up traces (default: 111122223333)
  --region <region>    their region (default: eu-west-1)
  --page-size <n>      how many traces a page of a listing looks at (default: 100)
  --transaction-search send spans to the log group aws/spans instead
`;

/** Reads the arguments after the program's name. Returns what is wrong as text. */
export function parseCommandLine(args: readonly string[]): ServeCommand | string {
  let values;
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: {
        port: { type: 'string', default: '2199' },
        host: { type: 'string', default: '127.0.0.1' },
        demo: { type: 'string', default: '0' },
        account: { type: 'string', default: '111122223333' },
        region: { type: 'string', default: 'eu-west-1' },
        'page-size': { type: 'string', default: '100' },
        'transaction-search': { type: 'boolean', default: false },
      },
    }));
  } catch (error) {
    return (error as Error).message;
  }
  const port = Number(values.port);
  const demoPerSecond = Number(values.demo);
  const pageSize = Number(values['page-size']);
  if (!(Number.isInteger(port) && port >= 0 && port < 65_536)) {
    return `Expected a port for --port, found ${values.port}`;
  }
  if (!(demoPerSecond >= 0 && demoPerSecond <= 1000)) {
    return `Expected a rate from 0 to 1000 for --demo, found ${values.demo}`;
  }
  if (!/^\d{12}$/.test(values.account)) {
    return `Expected twelve digits for --account, found ${values.account}`;
  }
  if (!(Number.isInteger(pageSize) && pageSize > 0)) {
    return `Expected a whole number for --page-size, found ${values['page-size']}`;
  }
  return {
    port,
    host: values.host,
    account: values.account,
    region: values.region,
    demoPerSecond,
    pageSize,
    transactionSearch: values['transaction-search'],
  };
}
