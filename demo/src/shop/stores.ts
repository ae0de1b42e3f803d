import tracer from 'dd-trace';
import { takesAbout } from './chance.ts';

/** One statement that a service sends to its database. */
export interface Statement {
  readonly sql: string;
  readonly medianMs: number;
  readonly rows: number;
}

/**
 * A PostgreSQL database that is not there: the spans are those of the tracer's own `pg` integration, the waiting is
 * real, the rows are not.
 */
export async function query({ sql, medianMs, rows }: Statement): Promise<void> {
  const service = process.env['DD_SERVICE'] ?? 'shop';
  const options = {
    service: `${service}-postgres`,
    resource: sql,
    type: 'sql',
    tags: {
      component: 'pg',
      'span.kind': 'client',
      'db.type': 'postgres',
      'db.system': 'postgresql',
      'db.name': service,
      'db.user': `${service}_app`,
      'out.host': `${service}-db.internal`,
      'network.destination.port': 5432,
    },
  };
  await tracer.trace('pg.query', options, async (span) => {
    await takesAbout(medianMs);
    span?.setTag('db.row_count', rows);
  });
}

/** A Redis cache that is not there either. */
export async function cache(
  command: 'GET' | 'SET' | 'HGETALL' | 'HSET',
  key: string,
): Promise<void> {
  const service = process.env['DD_SERVICE'] ?? 'shop';
  const options = {
    service: `${service}-redis`,
    resource: command,
    type: 'redis',
    tags: {
      component: 'redis',
      'span.kind': 'client',
      'db.type': 'redis',
      'db.system': 'redis',
      'redis.raw_command': `${command} ${key}`,
      'out.host': `${service}-cache.internal`,
    },
  };
  await tracer.trace('redis.command', options, () => takesAbout(1.2));
}
