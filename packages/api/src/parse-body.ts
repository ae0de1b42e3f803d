import { BadRequestError, errorMessage } from '@spanloom/base';
import type { Context } from 'hono';
import type { z } from 'zod';

/**
 * Reads and checks a JSON body.
 * @throws {BadRequestError} That names the first field that is wrong, or not supported.
 */
export async function parseBody<T>(c: Context, shape: z.ZodType<T>): Promise<T> {
  let body: unknown;
  try {
    body = await c.req.json();
  } catch (error) {
    throw new BadRequestError(`The body is not JSON: ${errorMessage(error)}`, { cause: error });
  }
  const result = shape.safeParse(body);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  const path = issue.path.join('.');
  if (issue.code === 'unrecognized_keys') {
    const field = [path, issue.keys[0]].filter((part) => part !== '').join('.');
    throw new BadRequestError(`Field ${field} is not supported here`, { details: { field } });
  }
  throw new BadRequestError(`Field ${path === '' ? 'body' : path}: ${issue.message}`, {
    details: { field: path },
  });
}
