import type { Route } from './route.ts';

/** Finds the route of a path: exact ones by one look-up, the few prefixes after them. */
export class RouteTable {
  readonly #exact = new Map<string, Route>();
  readonly #prefixes: { readonly prefix: string; readonly route: Route }[] = [];

  constructor(...tables: readonly (readonly Route[])[]) {
    for (const route of tables.flat()) {
      if (route.path.endsWith('*')) {
        this.#prefixes.push({ prefix: route.path.slice(0, -1), route });
      } else {
        this.#exact.set(route.path, route);
      }
    }
  }

  find(path: string): Route | undefined {
    return (
      this.#exact.get(path) ?? this.#prefixes.find(({ prefix }) => path.startsWith(prefix))?.route
    );
  }
}

/** Whether a method is among those a route takes. */
export function takesMethod(route: Route, method: string): boolean {
  const reads = method === 'GET' || method === 'HEAD';
  const writes = method === 'POST' || method === 'PUT';
  return (reads && route.access !== 'write') || (writes && route.access !== 'read');
}

/** The methods a route takes, for an `Allow` header. */
export function allowedMethods(route: Route): string {
  return { read: 'GET, HEAD', write: 'POST, PUT', any: 'GET, HEAD, POST, PUT' }[route.access];
}
