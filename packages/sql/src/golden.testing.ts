import { readdirSync, readFileSync } from 'node:fs';

/** A query and the conditions it must become. */
export interface GoldenCase {
  readonly name: string;
  readonly file: string;
  readonly query: string;
}

const FOLDER = new URL('../golden/', import.meta.url);
const QUERY_LINE = '-- query: ';

/** The cases in `golden/*.sql`: the first line of each file is the query. */
export function goldenCases(): readonly GoldenCase[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith('.sql') && !file.startsWith('ddl-'))
    .map((file) => {
      const [first = ''] = readFileSync(new URL(file, FOLDER), 'utf8').split('\n');
      if (!first.startsWith(QUERY_LINE)) {
        throw new Error(
          `Cannot read golden/${file}: expected the first line to start with "${QUERY_LINE}"`,
        );
      }
      const name = file.replace(/\.sql$/, '');
      return { name, file: `../golden/${file}`, query: first.slice(QUERY_LINE.length) };
    });
}
