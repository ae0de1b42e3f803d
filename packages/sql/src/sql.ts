/** A value that can be bound to a placeholder. 64-bit integers travel as decimal text: a double would round them. */
export type ParamValue = string | number | readonly string[];

/** Parameters by placeholder name. */
export type Params = Readonly<Record<string, ParamValue>>;

/** A statement as the database takes it. */
export interface Rendered {
  readonly sql: string;
  readonly params: Params;
}

/** A typed parameter. Made by `p`; `sql` binds it to a placeholder. */
export class Param {
  /** The type as the placeholder names it. */
  readonly type: string;
  readonly value: ParamValue;

  constructor(type: string, value: ParamValue) {
    this.type = type;
    this.value = value;
  }
}

/**
 * A piece of SQL with its parameters still attached: fragments compose, and only rendering names the placeholders.
 *
 * The private field makes the type nominal, so that no string and no look-alike object is taken for one.
 */
export class Sql {
  readonly #strings: readonly string[];
  readonly #values: readonly (Sql | Param)[];

  constructor(strings: readonly string[], values: readonly (Sql | Param)[]) {
    this.#strings = strings;
    this.#values = values;
  }

  /** The text with placeholders `{p0:Type}`, and the values they stand for. */
  render(): Rendered {
    const text: string[] = [];
    const params: Record<string, ParamValue> = {};
    this.#write(text, params, new Map());
    return { sql: text.join(''), params };
  }

  #write(text: string[], params: Record<string, ParamValue>, names: Map<string, string>): void {
    for (const [index, string] of this.#strings.entries()) {
      text.push(string);
      const value = this.#values[index];
      if (value instanceof Sql) value.#write(text, params, names);
      else if (value !== undefined) text.push(placeholder(value, params, names));
    }
  }
}

/**
 * SQL with typed parameters: `` sql`WHERE service = ${p.string(name)}` ``.
 *
 * Takes parameters and other fragments only. A bare string does not type-check, so text from outside can never become
 * SQL text.
 */
export function sql(strings: TemplateStringsArray, ...values: readonly (Sql | Param)[]): Sql {
  for (const value of values) {
    // Types are gone at run time, and this is the one line that stands between a mistake there and injected SQL.
    if (!(value instanceof Sql || value instanceof Param)) {
      throw new TypeError(
        `Cannot put a ${typeof value} into SQL: wrap it in a typed parameter such as p.string(…)`,
      );
    }
  }
  return new Sql(strings, values);
}

/** Fragments one after another with a separator between them. */
export function joinSql(fragments: readonly Sql[], separator: Sql): Sql {
  const values = fragments.flatMap((fragment, index) =>
    index === 0 ? [fragment] : [separator, fragment],
  );
  return new Sql(
    Array.from({ length: values.length + 1 }, () => ''),
    values,
  );
}

/**
 * A name that the schema data defines, as SQL.
 *
 * @throws {TypeError} If it is not a plain name, because then it is not one of ours.
 */
export function identifier(named: { readonly name: string }): Sql {
  if (!/^[A-Za-z_]\w*$/.test(named.name)) {
    throw new TypeError(
      `Cannot use ${JSON.stringify(named.name)} as an SQL name: expected letters, digits and _`,
    );
  }
  return new Sql([named.name], []);
}

/** Equal parameters share a placeholder: a key that is looked up three times is sent once. */
function placeholder(
  param: Param,
  params: Record<string, ParamValue>,
  names: Map<string, string>,
): string {
  const identity = `${param.type} ${JSON.stringify(param.value)}`;
  let name = names.get(identity);
  if (name === undefined) {
    name = `p${names.size}`;
    names.set(identity, name);
    params[name] = param.value;
  }
  return `{${name}:${param.type}}`;
}
