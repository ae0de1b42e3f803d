import type { CounterJson, SystemResponse } from '@spanloom/contract';
import { countOf, formatBytes, formatCount } from '../format-values.ts';
import type { Finding } from './finding.ts';

/** From here on a queue is worth mentioning. */
const NEARLY_FULL = 0.8;

/** Looks for trouble in what the server says about itself. */
export function examineSystem(system: SystemResponse): Finding[] {
  return [
    readiness(system),
    listeners(system),
    senders(system),
    queue(system),
    ...brokenParts(system),
    ...refusals(system),
  ];
}

function readiness(system: SystemResponse): Finding {
  const engine = system.engine === null ? '' : `, engine ${system.engine.version}`;
  const name = `Version ${system.version}${engine}`;
  if (system.ready) return { grade: 'ok', what: `${name}, ready since ${system.started_at}` };
  return {
    grade: 'bad',
    what: `${name}, not ready: ${system.reasons.join('; ')}`,
    advice: 'Wait if it has just started; otherwise the server log has the details',
  };
}

function listeners({ listeners: all }: SystemResponse): Finding {
  const on = all.flatMap(({ name, address }) => (address === null ? [] : [`${name} ${address}`]));
  const off = all.flatMap(({ name, address }) => (address === null ? [name] : []));
  const switchedOff = off.length === 0 ? '' : `; off: ${off.join(', ')}`;
  return { grade: 'ok', what: `Listening: ${on.join(', ')}${switchedOff}` };
}

function senders(system: SystemResponse): Finding {
  const { clients, spans } = system;
  if (clients.length > 0) {
    const names = clients.map(
      ({ language, tracer_version: version, spans: sent }) =>
        `${[language, version].filter((text) => text !== '').join(' ')} (${countOf(sent, 'span')})`,
    );
    return { grade: 'ok', what: `Senders of the last hour: ${names.join(', ')}` };
  }
  const newest = spans.newest === null ? '' : `; the newest span began ${spans.newest}`;
  return {
    grade: 'note',
    what: `Nothing has been sent in the last hour${newest}`,
    advice: 'docs/sending.md says how a tracer is pointed here',
  };
}

function queue({ queue: waiting }: SystemResponse): Finding {
  const share = waiting.max_bytes === 0 ? 0 : waiting.bytes / waiting.max_bytes;
  const what = `Queue: ${formatCount(waiting.rows)} rows, ${formatBytes(waiting.bytes)} of ${formatBytes(waiting.max_bytes)}; log on disk ${formatBytes(waiting.wal_bytes)}`;
  if (share < NEARLY_FULL) return { grade: 'ok', what };
  return {
    grade: 'bad',
    what,
    advice:
      'The database does not keep up, and senders are about to be told to slow down: send less, or give the server more',
  };
}

function brokenParts({ storage }: SystemResponse): Finding[] {
  return storage
    .filter(({ broken_parts: broken }) => broken > 0)
    .map(({ table, broken_parts: broken }) => ({
      grade: 'bad',
      what: `Table ${table} has ${countOf(broken, 'damaged part')}`,
      advice: 'They were set aside and the rest is readable; see docs/operations.md',
    }));
}

/** Counters that should stay at nought. */
const REFUSALS =
  /_(?:refused|rejected|dropped|malformed|failed|failures|errors)(?:_[a-z]+)*_total$/;

function refusals({ counters }: SystemResponse): Finding[] {
  return counters.filter(({ name }) => REFUSALS.test(name)).flatMap((counter) => refusal(counter));
}

function refusal({ name, help, samples }: CounterJson): Finding[] {
  const counted = samples.filter(({ value }) => value > 0);
  if (counted.length === 0) return [];
  const parts = counted.map(({ labels, value }) => {
    const words = Object.entries(labels).map(([label, text]) => `${label} ${text}`);
    return words.length === 0 ? formatCount(value) : `${formatCount(value)} (${words.join(', ')})`;
  });
  return [
    {
      grade: 'note',
      what: `${help.replace(/\.$/, '')}: ${parts.join('; ')}`,
      advice: `Counted in ${name} since the start; what the reasons mean is in docs/operations.md`,
    },
  ];
}
