/** What a Datadog tracer wrote into a W3C `tracestate`: the `dd=` member. */
export interface DatadogState {
  readonly priority: number | undefined;
  readonly origin: string;
  /** The sampling decision maker, as `_dd.p.dm`. */
  readonly decisionMaker: string;
}

/** Reads `dd=s:1;o:rum;t.dm:-4`, undefined when the text has no such member. */
export function parseDatadogState(traceState: string): DatadogState | undefined {
  const member = traceState
    .split(',')
    .map((part) => part.trim())
    .find((part) => part.startsWith('dd='));
  if (member === undefined) return undefined;
  const values = new Map<string, string>();
  for (const pair of member.slice(3).split(';')) {
    const colon = pair.indexOf(':');
    if (colon > 0) values.set(pair.slice(0, colon), pair.slice(colon + 1));
  }
  const priority = Number(values.get('s') ?? Number.NaN);
  return {
    priority:
      Number.isInteger(priority) && priority >= -1 && priority <= 127 ? priority : undefined,
    // `=` may not stand in a tracestate, so tracers write `~` for it.
    origin: (values.get('o') ?? '').replaceAll('~', '='),
    decisionMaker: (values.get('t.dm') ?? '').replaceAll('~', '='),
  };
}
