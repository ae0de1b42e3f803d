/** How a JSON member becomes a protobuf field. */
export type JsonField =
  | {
      readonly field: number;
      readonly type:
        | 'string'
        | 'hex'
        | 'base64'
        | 'boolean'
        | 'double'
        | 'int64'
        | 'uint32'
        | 'fixed64'
        | 'fixed32';
    }
  | {
      readonly field: number;
      readonly type: 'enum';
      readonly prefix: string;
      readonly names: readonly string[];
    }
  | { readonly field: number; readonly type: 'message'; readonly message: JsonMessage }
  | { readonly field: number; readonly type: 'list'; readonly of: JsonField };

/** The members of a message by their JSON name; a function where messages contain each other. */
export type JsonMessage = () => Readonly<Record<string, JsonField>>;

const KINDS = ['UNSPECIFIED', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'];
const STATUSES = ['UNSET', 'OK', 'ERROR'];

const text = (field: number): JsonField => ({ field, type: 'string' });
const fixed64 = (field: number): JsonField => ({ field, type: 'fixed64' });
const count = (field: number): JsonField => ({ field, type: 'uint32' });
const message = (field: number, of: JsonMessage): JsonField => ({
  field,
  type: 'message',
  message: of,
});
const list = (field: number, of: JsonMessage): JsonField => ({
  field,
  type: 'list',
  of: message(field, of),
});

const anyValue: JsonMessage = () => anyValueFields;
const keyValue: JsonMessage = () => keyValueFields;

const arrayFields = { values: list(1, anyValue) };
const listFields = { values: list(1, keyValue) };

const anyValueFields: Readonly<Record<string, JsonField>> = {
  stringValue: text(1),
  boolValue: { field: 2, type: 'boolean' },
  intValue: { field: 3, type: 'int64' },
  doubleValue: { field: 4, type: 'double' },
  arrayValue: message(5, () => arrayFields),
  kvlistValue: message(6, () => listFields),
  bytesValue: { field: 7, type: 'base64' },
};

const keyValueFields: Readonly<Record<string, JsonField>> = {
  key: text(1),
  value: message(2, anyValue),
};

const resourceFields = { attributes: list(1, keyValue), droppedAttributesCount: count(2) };

const scopeFields = {
  name: text(1),
  version: text(2),
  attributes: list(3, keyValue),
  droppedAttributesCount: count(4),
};

const eventFields = {
  timeUnixNano: fixed64(1),
  name: text(2),
  attributes: list(3, keyValue),
  droppedAttributesCount: count(4),
};

const linkFields: Readonly<Record<string, JsonField>> = {
  traceId: { field: 1, type: 'hex' },
  spanId: { field: 2, type: 'hex' },
  traceState: text(3),
  attributes: list(4, keyValue),
  droppedAttributesCount: count(5),
  flags: { field: 6, type: 'fixed32' },
};

const statusFields: Readonly<Record<string, JsonField>> = {
  message: text(2),
  code: { field: 3, type: 'enum', prefix: 'STATUS_CODE_', names: STATUSES },
};

const spanFields: Readonly<Record<string, JsonField>> = {
  traceId: { field: 1, type: 'hex' },
  spanId: { field: 2, type: 'hex' },
  traceState: text(3),
  parentSpanId: { field: 4, type: 'hex' },
  name: text(5),
  kind: { field: 6, type: 'enum', prefix: 'SPAN_KIND_', names: KINDS },
  startTimeUnixNano: fixed64(7),
  endTimeUnixNano: fixed64(8),
  attributes: list(9, keyValue),
  droppedAttributesCount: count(10),
  events: list(11, () => eventFields),
  droppedEventsCount: count(12),
  links: list(13, () => linkFields),
  droppedLinksCount: count(14),
  status: message(15, () => statusFields),
  flags: { field: 16, type: 'fixed32' },
};

const scopeSpansFields = {
  scope: message(1, () => scopeFields),
  spans: list(2, () => spanFields),
  schemaUrl: text(3),
};

const resourceSpansFields = {
  resource: message(1, () => resourceFields),
  scopeSpans: list(2, () => scopeSpansFields),
  schemaUrl: text(3),
};

const requestFields = { resourceSpans: list(1, () => resourceSpansFields) };

/** An `ExportTraceServiceRequest`. */
export const TRACES_REQUEST: JsonMessage = () => requestFields;
