import type { ReactNode } from 'react';
import { useEnvironments } from '../data/queries.ts';
import { useUrl } from '../data/url.ts';
import { Choice } from '../ui/Choice.tsx';
import { formatCount } from '../ui/format.ts';
import { LIVE, readRange } from '../ui/time-range.ts';

const ALL = '*';

/** The environment everything is limited to. The list is what sent spans within the time range. */
export function EnvironmentSelect(): ReactNode {
  const [params, setUrl] = useUrl();
  const found = useEnvironments(readRange(params.from, params.to, LIVE));
  const environments = found.data?.environments ?? [];
  const chosen = params.env ?? ALL;
  const options = [
    { value: ALL, text: 'all' },
    ...environments
      .filter(({ env }) => env !== '')
      .map(({ env, spans }) => ({ value: env, text: env, detail: formatCount(spans) })),
  ];
  // A link may name an environment that has been quiet: it stays choosable.
  if (!options.some(({ value }) => value === chosen)) options.push({ value: chosen, text: chosen });
  return (
    <Choice
      label="env"
      value={chosen}
      options={options}
      testId="env-select"
      onChange={(env) => setUrl({ env: env === ALL ? undefined : env }, { push: true })}
    />
  );
}
