// What is asked of each layout: one statement per question, given the table's name.

type Ask = (text: string) => Promise<readonly Record<string, unknown>[]>;

/**
 * The questions, about things that the data has: a trace of the middle, a user, a request.
 * @param lastMs End of the data, ms since the epoch.
 */
export async function QUESTIONS(
  ask: Ask,
  lastMs: number,
): Promise<Readonly<Record<string, (table: string) => string>>> {
  const end = `toDateTime64('${new Date(lastMs).toISOString().slice(0, 19).replace('T', ' ')}', 9, 'UTC')`;
  const [some] = await ask(`
    SELECT toString(jk) AS jk, a['user.id'] AS user, a['request_id'] AS request
    FROM source
    WHERE name = 'web.request' AND err = 1 AND ts > ${end} - INTERVAL 7 DAY
    ORDER BY ts, span_id LIMIT 1`);
  const { jk, user, request } = some as { jk: string; user: string; request: string };
  const items = "arrayMap((k, v) -> concat(k, '=', v), mapKeys(a), mapValues(a))";
  const tree =
    'ts, dur, trace_hi, trace_lo, span_id, parent_id, source, service, name, resource, type, kind, err, flags, env';
  const within = (time: string): string => `ts >= ${end} - INTERVAL ${time} AND ts < ${end}`;
  return {
    'trace by id, tree': (t) => `SELECT ${tree} FROM ${t} WHERE jk = ${jk}`,
    'trace by id, whole': (t) => `SELECT * FROM ${t} WHERE jk = ${jk}`,
    'tag equality, unique, 15 d': (t) =>
      `SELECT count() FROM ${t} WHERE has(${items}, 'request_id=${request}')`,
    'tag equality, a user, 15 d': (t) =>
      `SELECT count() FROM ${t} WHERE has(${items}, 'user.id=${user}')`,
    'newest 50 of a user, 15 d': (t) =>
      `SELECT ${tree} FROM ${t} WHERE has(${items}, 'user.id=${user}') ORDER BY ts DESC LIMIT 50`,
    'newest 50, 15 min': (t) =>
      `SELECT ${tree} FROM ${t} WHERE ${within('15 MINUTE')} ORDER BY ts DESC LIMIT 50`,
    'newest 50 errors of a service, 24 h': (t) =>
      `SELECT ${tree} FROM ${t} WHERE ${within('1 DAY')} AND service = 'service-07' AND err = 1 ORDER BY ts DESC LIMIT 50`,
    'timeline of a service, 24 h': (t) =>
      `SELECT toStartOfInterval(ts, INTERVAL 5 MINUTE) AS at, count() FROM ${t} WHERE ${within('1 DAY')} AND service = 'service-07' GROUP BY at`,
    'count and p99 by service, 24 h': (t) =>
      `SELECT service, count(), quantileTDigest(0.99)(dur) FROM ${t} WHERE ${within('1 DAY')} GROUP BY service`,
    'p95 by service, 15 d': (t) =>
      `SELECT service, quantileTDigest(0.95)(dur) FROM ${t} GROUP BY service`,
    'facet counts, 24 h': (t) =>
      `SELECT env, version, count() FROM ${t} WHERE ${within('1 DAY')} GROUP BY env, version`,
    'group by tag, 1 h': (t) =>
      `SELECT a['customer.id'] AS customer, count() FROM ${t} WHERE ${within('1 HOUR')} GROUP BY customer`,
    'text in a tag, 1 h': (t) =>
      `SELECT count() FROM ${t} WHERE ${within('1 HOUR')} AND a['http.url'] LIKE '%orders%'`,
  };
}
